(* packages: x509 *)
(* Prints the subject of each certificate of a PEM file. *)

let () =
  let channel = open_in_bin Sys.argv.(1) in
  let text = really_input_string channel (in_channel_length channel) in
  match X509.Certificate.decode_pem_multiple (Cstruct.of_string text) with
  | Error (`Msg message) -> prerr_endline message
  | Ok certificates ->
      List.iter
        (fun certificate ->
          let subject = X509.Certificate.subject certificate in
          Format.printf "%a@." X509.Distinguished_name.pp subject)
        certificates

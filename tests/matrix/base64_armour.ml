(* packages: base64 *)
(* Encodes, decodes and reports what is wrong. *)

let () =
  let text = Base64.encode_string ~pad:true "attack at dawn" in
  print_endline text;
  match Base64.decode "not base64!" with
  | Ok text -> print_endline text
  | Error (`Msg message) -> prerr_endline message

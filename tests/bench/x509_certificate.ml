(* packages: x509, cstruct *)
(* vendored: x509 *)
let () =
  match X509.Certificate.decode_pem (Cstruct.of_string "-----BEGIN NOTHING-----\n") with
  | Ok certificate -> Format.printf "%a@." X509.Certificate.pp certificate
  | Error (`Msg m) -> print_endline m

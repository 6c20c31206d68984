(* packages: cryptokit *)
(* A checksum as hexadecimal digits. *)

let () =
  let digest = Cryptokit.hash_string (Cryptokit.Hash.sha256 ()) "hello" in
  print_endline (Cryptokit.transform_string (Cryptokit.Hexa.encode ()) digest)

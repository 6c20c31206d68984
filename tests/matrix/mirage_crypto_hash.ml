(* packages: mirage-crypto *)
(* Checksums of standard input. *)

let () =
  let text = Cstruct.of_string (try input_line stdin with End_of_file -> "") in
  Cstruct.hexdump (Mirage_crypto.Hash.SHA256.digest text);
  Cstruct.hexdump (Mirage_crypto.Hash.MD5.digest text)

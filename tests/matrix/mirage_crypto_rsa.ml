(* packages: mirage-crypto-pk mirage-crypto-rng.unix *)
(* Makes a key and signs with it. *)

let () =
  Mirage_crypto_rng_unix.initialize ();
  let key = Mirage_crypto_pk.Rsa.generate ~bits:1024 () in
  let signature = Mirage_crypto_pk.Rsa.PKCS1.sign ~hash:`SHA256 ~key (`Message (Cstruct.of_string "hello")) in
  Printf.printf "%d bytes\n" (Cstruct.length signature)

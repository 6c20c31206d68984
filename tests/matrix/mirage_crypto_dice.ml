(* packages: mirage-crypto-rng mirage-crypto-rng.unix *)
(* Random bytes, nothing else. *)

let () =
  Mirage_crypto_rng_unix.initialize ();
  let bytes = Mirage_crypto_rng.generate 6 in
  for i = 0 to 5 do
    Printf.printf "%d " (1 + (Cstruct.get_uint8 bytes i mod 6))
  done

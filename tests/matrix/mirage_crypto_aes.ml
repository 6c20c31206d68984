(* packages: mirage-crypto *)
(* Encrypts with AES in counter mode. *)

module Ctr = Mirage_crypto.Cipher_block.AES.CTR

let () =
  let key = Ctr.of_secret (Cstruct.of_string "0123456789abcdef") in
  let ctr = Ctr.ctr_of_cstruct (Cstruct.create 16) in
  Cstruct.hexdump (Ctr.encrypt ~key ~ctr (Cstruct.of_string "attack at dawn"))

(* packages: bin_prot *)
(* Binary encodings by hand. *)

let () =
  let buffer = Bin_prot.Common.create_buf 32 in
  let next = Bin_prot.Write.bin_write_string buffer ~pos:0 "hello" in
  let text = Bin_prot.Read.bin_read_string buffer ~pos_ref:(ref 0) in
  Printf.printf "%d %s\n" next text

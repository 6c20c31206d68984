(* packages: cstruct *)
(* Builds and reads a small packet. *)

let () =
  let packet = Cstruct.create 8 in
  Cstruct.BE.set_uint16 packet 0 0xcafe;
  Cstruct.LE.set_uint32 packet 2 77l;
  Printf.printf "%x %ld\n" (Cstruct.BE.get_uint16 packet 0) (Cstruct.LE.get_uint32 packet 2);
  Cstruct.hexdump (Cstruct.sub packet 0 6)

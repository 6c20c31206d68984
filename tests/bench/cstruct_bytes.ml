(* packages: cstruct *)
(* vendored: cstruct *)
let () =
  let buffer = Cstruct.create 4 in
  Cstruct.BE.set_uint16 buffer 0 0xcafe;
  Printf.printf "%d %x\n" (Cstruct.length buffer) (Cstruct.get_uint8 buffer 1)

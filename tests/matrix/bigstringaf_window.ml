(* packages: bigstringaf *)
(* Bytes outside the heap. *)

let () =
  let bytes = Bigstringaf.of_string ~off:0 ~len:5 "hello" in
  Bigstringaf.set_int16_be bytes 0 0x4142;
  print_endline (Bigstringaf.substring bytes ~off:0 ~len:5)

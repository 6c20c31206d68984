(* packages: biniou *)
(* Writes a value in the biniou format and views it. *)

let () =
  let tree = `Tuple [| `Svint 42; `String "text" |] in
  let buffer = Bi_outbuf.create 64 in
  Bi_io.write_tree buffer tree;
  print_endline (Bi_io.view (Bi_outbuf.contents buffer))

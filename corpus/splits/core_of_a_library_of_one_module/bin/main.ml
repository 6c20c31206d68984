(* Two of them. *)
let a = Flat.make 1 "one"
let () = print_int (Flat.get a + Flat.get (Flat.make 2 "two"))

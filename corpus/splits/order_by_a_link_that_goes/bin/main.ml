let () = print_int (Vec.Unit.two + Vec.B.one)
let () = print_string !Vec.Log.text

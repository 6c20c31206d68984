(* Ghost.seen "*)" {x|*)|x} *)
let a = {quoted|let () = print_int Ghost.seen |other} |quoted}
let b = '"' and c = "\"Ghost.seen"
let () = print_string (Real.text ^ a ^ c); print_char b

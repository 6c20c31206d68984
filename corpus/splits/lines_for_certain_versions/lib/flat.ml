#if OCAML_VERSION >= (4, 3, 0)
let small x = x + 1
#else
let small x = succ x
#endif

let big x = Printf.sprintf "%d" x

let twice x = Flat.small (Flat.small x)
#if OCAML_VERSION >= (4, 3, 0)
let more x = Flat.other x
#else
let more x = String.length (Flat.big (Flat.other x))
#endif

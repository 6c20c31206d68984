let () = print_int (Flat.Lex.token (Lexing.from_string "abc") + Flat.Util.two)

let tokens = ref Flat.Gram.[ INT 1; PLUS; INT 2; EOF ]
let next _ = match !tokens with [] -> Flat.Gram.EOF | token :: rest -> tokens := rest; token
let () = print_int (Flat.Gram.main next (Lexing.from_string ""))

let () = print_int (Flat.Lex.token (Lexing.from_string "abc") + Flat.Util.two)

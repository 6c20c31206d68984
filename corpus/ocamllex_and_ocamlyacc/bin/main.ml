let () = print_int (Parser.sum Lexer.token (Lexing.from_string "1 + 2 + 39"))

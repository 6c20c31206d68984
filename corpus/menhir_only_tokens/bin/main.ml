let () = match Lib.Lexer.token (Lexing.from_string "1+2") with Lib.Tokens.INT n -> print_int n | _ -> ()

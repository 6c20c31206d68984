rule first = parse
  | ['A'-'Z']+ { Lexing.lexeme lexbuf }
  | _ { first lexbuf }
  | eof { "" }

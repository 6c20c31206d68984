{ let length s = Util.id (String.length s) }
rule token = parse
  | [^ ' ']+ as s { length s }
  | eof { Util.two }
  | _ { token lexbuf }

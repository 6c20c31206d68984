{
  exception Error
  open Tokens
}

rule token = parse
| ' ' { token lexbuf }
| '+' { PLUS }
| ['0'-'9']+ as digits { INT (int_of_string digits) }
| eof { EOF }
| _ { raise Error }

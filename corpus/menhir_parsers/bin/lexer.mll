{
module type TOKENS = sig type token val number : int -> token val plus : token val end_ : token end
module Make (T : TOKENS) = struct
}
rule token = parse
  | ' ' { token lexbuf }
  | ['0'-'9']+ as n { T.number (int_of_string n) }
  | '+' { T.plus }
  | eof { T.end_ }
{
end
}

{
open Parser
let digits = ref 0
}

rule token = parse
  | [' ' '\t']        { token lexbuf }
  | ['0'-'9']+ as n   { incr digits; NUMBER (int_of_string n) }
  | '+'               { PLUS }
  | eof               { END }

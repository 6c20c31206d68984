(* A header, rules, a trailer; "}" and '"' in comments (* nested *) *)
{
open Printf
let depth = ref 0 (* } *)
let brace = '}' and quote = '"' and text = {x|}|} |x}
}

let digit = ['0'-'9']
let hex = digit | ['a'-'f' 'A'-'F']
let quote = '\'' | '"' | '{' | '\\' | '\x7b' | '\125'
let blank = [' ' '\t' '\r' '}' '"' '\'']

rule token = parse
  | blank+ { token lexbuf }
  | "{" | "}" { incr depth; sprintf "}%d" !depth }
  | digit+ as number { string_of_int (int_of_string number) }
  | _ as c { String.make 1 c }
  | "(*" { comment 1 lexbuf; token lexbuf }
  | digit # ['5'] { Hashtbl.find (Hashtbl.create 1) {|}|} }
  | eof { raise End_of_file }

and comment level = parse
  | "*)" { if level > 1 then comment (level - 1) lexbuf }
  | "(*" { comment (level + 1) lexbuf }
  | _ { comment level lexbuf }

{
let all text = List.init 2 (fun _ -> token (Lexing.from_string text))
}

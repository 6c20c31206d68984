{ type part = Key of string | Value of string option | Letter of char | Maybe of char option }

let word = ['a'-'z']+
let pair = (word as key) '=' (word as value)
let sign = '+' | '-'

refill { fun continue lexbuf -> ignore (Buffer.create 1); continue lexbuf }

rule fixed first second = parse
  | "a" (_ as c) { ignore (first, second); Letter c }
  | '<' (word as key) '>' { Key key }
  | ("b" | "c") as c { Letter c }
  | (sign as c) { Letter c }

and floating = shortest
  | (word as key) ':' (word as value)? { ignore key; Value value }
  | "x" (sign as c)? { Maybe c }
  | pair { ignore key; Key value }
  | (word as key ' ') '!' { Key key }

and mixed = parse
  | ("one" as key | "two" as key) ' '* { Key key }
  | '"' ([^ '"']* as key) '"' { Key key }
  | ((_ as c) (_ as d)) { ignore d; Letter c }

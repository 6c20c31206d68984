let letter = ['a'-'z']
let word = letter+

rule token = parse
  | '<' (word as name) '>' { name }
  | word as name { name }
  | "a" (_ as c) '#' { Char.escaped c }
  | eof { "" }

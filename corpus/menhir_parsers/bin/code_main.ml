module Lexer = Lexer.Make (struct
  include Code
  let number n = NUMBER n
  let plus = PLUS
  let end_ = END
end)

let rec value = function Syntax.Ast.Number n -> n | Sum (a, b) -> value a + value b
let () = print_int (value (Code.main Lexer.token (Lexing.from_string "1 + 2 + 39")))

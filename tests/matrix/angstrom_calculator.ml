(* packages: angstrom *)
(* A calculator by parser combinators. *)

open Angstrom

let blank = skip_while (function ' ' | '\t' -> true | _ -> false)
let token parser = parser <* blank
let number = token (take_while1 (function '0' .. '9' -> true | _ -> false)) >>| int_of_string
let operator sign f = token (char sign) *> return f

let rec chain operand operators left =
  lift2 (fun f right -> f left right) operators operand >>= chain operand operators <|> return left

let expression =
  fix (fun expression ->
      let atom = token (char '(') *> expression <* token (char ')') <|> number in
      let product = atom >>= chain atom (operator '*' ( * ) <|> operator '/' ( / )) in
      product >>= chain product (operator '+' ( + ) <|> operator '-' ( - )))

let () =
  match parse_string ~consume:Consume.All (blank *> expression) "2 * (3 + 4) - 5" with
  | Ok n -> print_endline (string_of_int n)
  | Error message -> prerr_endline message

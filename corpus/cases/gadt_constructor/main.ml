let rec eval : type a. a Term.t -> a = function
  | Term.Int n -> n
  | Bool b -> b
  | If (c, a, b) -> if eval c then eval a else eval b
let () = print_int (eval (Term.If (Bool true, Int 1, Int 2)))

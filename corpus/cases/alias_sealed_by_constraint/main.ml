module X : sig end = Tally
module Y = (Shape : sig type t end)
let () = print_endline "coerced"

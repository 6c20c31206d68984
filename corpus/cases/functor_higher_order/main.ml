module Apply (F : functor (X : sig val max : int end) -> sig val twice : int end) = F (struct let max = 5 end)
module M = Apply (Make.Sized)
let () = print_int M.twice

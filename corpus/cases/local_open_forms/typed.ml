let k = let open Types_only in (fun (x : t) -> (x : t))
let l (x : Types_only.t) = let open! Types_only in match x with A -> B | B -> A
let m = let open Outer in let open Inner in v + only_inner
let n = Outer.(v + Inner.(v) + only_outer)

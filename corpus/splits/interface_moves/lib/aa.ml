type t = A | B of int
let make x = if x = 0 then A else B x
let get = function A -> 0 | B x -> x

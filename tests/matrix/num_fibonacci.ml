(* packages: num *)
(* The old big numbers. *)

open Num

let rec fibonacci a b n = if n = 0 then a else fibonacci b (a +/ b) (n - 1)
let () = print_endline (string_of_num (fibonacci (Int 0) (Int 1) 200))

module M = struct let f x = x + 1 type t = { a : int; b : string } end
let g y = List.map M.f (List.rev y)
exception E of int
let () = if g [] = [ 1 ] then raise (E 2)
external c : int -> int = "caml_thing"

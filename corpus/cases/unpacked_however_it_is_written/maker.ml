module type S = sig val concat : int end
module Small = struct let concat = 1 end
module Sub = struct module type T = S end
let spaced () : ( module S ) = ( module Small )
let commented () : ((* which *) module S) = (module Small)
let annotated = fun (_ : int) : (module S) -> (module Small)
let attributed () = ((module Small : S) [@ocaml.warning "-a"])
let opened () = Sub.((module Small : T))
let attempted () = try (module Small : S) with Not_found -> raise Exit
let coerced m = (m :> (module S))
let (patterned : (module S)) = (module Small)
external same : (module S) -> (module S) = "%identity"

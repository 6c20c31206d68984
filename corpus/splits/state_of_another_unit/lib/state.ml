type t = { mutable n : int; mutable names : string list }

let fresh () = { n = 0; names = [] }
let t = fresh ()

let add name =
  t.n <- t.n + 1;
  t.names <- name :: t.names

class counter = object
  val mutable n = 0
  method count = n <- n + 1
  method n = n
end

class deep = object
  inherit counter
  method name = "deep"
end

let object_ = new deep

let pair () =
  let n = ref 0 in
  ((fun () -> incr n), fun () -> !n)

let up, current = pair ()
let text () = String.concat "," t.names ^ string_of_int (t.n + object_#n + current ())

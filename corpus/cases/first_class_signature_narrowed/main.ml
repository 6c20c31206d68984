let m : (module Ruler.S with type t = Unit_of.t) = (module Ruler.Metre)
let () = let module R = (val m) in print_int R.one

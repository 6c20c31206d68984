type t = string
let compare = String.compare

type t = int
let secret = 7
let make x = x + secret
let get x = x - secret

type t = int
let max = 8

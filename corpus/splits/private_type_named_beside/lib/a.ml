type t = { at : int }
type p = int

let mk x = x
let t = { at = 3 }

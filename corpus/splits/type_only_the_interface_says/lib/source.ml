type 'a t = 'a list
type other = int

let make () = []
let get xs = xs

type t = private int
type row = private [> `A ]
let v = 1

module Sub = struct let f x = x + 1 end
type data = Data of int
type f = int -> int
type hidden = int
let v = 3
let d = Data 4
let h = 5

include Map.Make (Int)
let hidden = 3

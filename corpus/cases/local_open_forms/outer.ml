let v = 3
let only_outer = 4

let v = 1
let only_inner = 2

module type T = sig val v : int end
let unused = 1

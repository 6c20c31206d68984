module type S = sig val size : int end
let default = 1

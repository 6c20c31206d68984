type t = Big.t = X | Y
let x = function X -> 1 | Y -> 2

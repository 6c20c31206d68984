module type S = sig val area : int end
let none = 0

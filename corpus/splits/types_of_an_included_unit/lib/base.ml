type kind = A | B

let number = function A -> 1 | B -> 2

let sum l = Stdlib.List.fold_left ( + ) 0 l
let unused = 3

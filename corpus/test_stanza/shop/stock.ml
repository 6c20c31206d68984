let shelves = Array.make 8 0
let count () = Array.fold_left ( + ) 0 shelves

let side () = 4
let shape = Shape.Dot

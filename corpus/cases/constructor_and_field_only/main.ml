let c = Shape.Circle 3
let box = { Shape.width = 2; height = 3 }
let name : Shape.t -> string = function Dot -> "dot" | Circle _ -> "circle"
let () = print_endline (name c); print_int (box.width * box.Shape.height)

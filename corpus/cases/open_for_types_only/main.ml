open Shape
let shapes = [ Dot; Circle 2 ]
let () = print_int (List.length shapes)

let area = let open (val Square.shape : Shape.S) in area
let () = print_int area

module Big = Twice.Make ((val Square.shape : Shape.S))
let () = print_int Big.area

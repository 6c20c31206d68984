let area n =
  let (module M : Shape.S) = Square.make n in
  M.area
let () = print_int (area 3)

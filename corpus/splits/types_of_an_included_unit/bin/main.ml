open Vec

let () = print_int (Base.number (More.id More.A))
let () = print_int (More.number Base.B)

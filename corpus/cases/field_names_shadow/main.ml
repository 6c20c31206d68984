open Point
open Size
let p = { x = 1; y = 2 }
let area { Size.x; h } = x * h
let () = print_int (p.Point.x + area { x = 2; h = 3 })

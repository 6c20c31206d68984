let f = function Shape.(Round n) -> n | Shape.Flat -> 0
let g Shape.{ side } = side
let h e = match e with Fault.(Broken n) -> n | _ -> 0
let () = print_int (f Shape.Flat + g { Shape.side = 1 } + h Exit)

let f = function 0 -> 0 | n -> n | 3 -> Dead.v
let g x = match x () with _ -> 1 | exception Alive.Stop -> Alive.v
let () = print_int (f 1 + g (fun () -> 2))

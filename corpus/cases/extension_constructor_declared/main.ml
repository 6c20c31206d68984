type Shape.ext += Moon
let () = match Moon with Moon -> print_endline "moon" | _ -> ()

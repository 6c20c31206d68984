let f = function #Hue.warm -> 1 | `Blue -> 2
let () = print_int (f `Blue)

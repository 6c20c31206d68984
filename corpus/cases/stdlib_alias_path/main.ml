let () = Stdlib.List.iter print_int (Stdlib.List.map succ [ 1 ])
module L = Stdlib.List
let () = print_int (L.length [])

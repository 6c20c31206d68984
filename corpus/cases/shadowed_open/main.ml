open Wide
open Narrow
let () = print_int width

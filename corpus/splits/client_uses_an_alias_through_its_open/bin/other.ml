open Flat

let get { kept } = kept
let () = print_int (small (get { kept = 2 }))

module Here = (val (match Sys.argv with [| _ |] -> (module North : Side.S) | _ -> (module South : Side.S)))
include Here
let () = print_string name

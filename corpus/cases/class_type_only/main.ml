let show (x : Counter.named) = print_endline x#name
let () = if Array.length Sys.argv > 9 then show (Obj.magic 0)

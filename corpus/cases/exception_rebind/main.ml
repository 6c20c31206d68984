exception Broken = Fault.Broken
let () = print_endline "bound"

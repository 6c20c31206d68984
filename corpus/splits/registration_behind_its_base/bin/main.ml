let () = print_int (Fault.parse "12")
let () = try ignore (Fault.parse "x") with e -> print_endline (Printexc.to_string e)

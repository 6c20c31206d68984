let () = try print_endline "fine" with Fault.Broken n -> print_int n

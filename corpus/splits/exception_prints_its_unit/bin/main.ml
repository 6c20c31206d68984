let () = try print_int (Flat.make (-1)) with e -> print_endline (Printexc.to_string e)

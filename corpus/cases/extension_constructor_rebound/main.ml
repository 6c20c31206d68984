let () = match B.X 1 with C.Y n -> print_int n | _ -> ()

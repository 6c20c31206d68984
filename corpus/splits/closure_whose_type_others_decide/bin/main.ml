let () = print_string (Option.value ~default:"none" (Flat.first [ "a" ]))

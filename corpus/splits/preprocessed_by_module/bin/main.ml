let () = print_string (Flat.Kind.show Flat.Kind.two)

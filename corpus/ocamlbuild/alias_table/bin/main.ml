let () = print_endline (Depot.((string_of_int %> Text.slug) (clamp 0 9 12)) ^ " " ^ Depot.version)

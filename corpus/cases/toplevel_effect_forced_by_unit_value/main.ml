let () = Plugin.init; List.iter print_endline (Registry.all ())

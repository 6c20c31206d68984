let here : Plugin.name = "main"
let () = List.iter print_endline (here :: Registry.all ())

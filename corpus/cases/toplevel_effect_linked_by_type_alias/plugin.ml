type name = string
let () = Registry.add "plugin"

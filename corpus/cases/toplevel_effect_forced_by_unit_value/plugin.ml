let init = ()
let () = Registry.add "plugin"

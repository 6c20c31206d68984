let () = Registry.add "plugin" 7
let twice x = 2 * x

let found = Registry.find 0
let small x = x + found "plugin"
let show x = Printf.sprintf "%d" (Plugin.twice x)

let found = Registry.find "plugin"
let small x = x + found
let show x = Printf.sprintf "%d" (Plugin.twice x)

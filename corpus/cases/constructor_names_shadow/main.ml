open Lamp
open Tap
let lamp : Lamp.t = On
let tap = On 1
let () = match tap with On n -> print_int n | Shut -> print_int (match lamp with On -> 1 | Off -> 0)

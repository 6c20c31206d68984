open Alarm
open Oven
let f n = if n > 1 then raise (Fire n) else Cold
let () = try ignore (f 2) with Fire n -> print_int n

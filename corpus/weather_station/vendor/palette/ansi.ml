(* Colours on terminals. *)

let cube x = if x < 48 then 0 else if x < 115 then 1 else (x - 35) / 40
let index { Rgb.r; g; b } = 16 + (36 * cube r) + (6 * cube g) + cube b
let foreground colour text = Printf.sprintf "\027[38;5;%dm%s\027[0m" (index colour) text
let background colour text = Printf.sprintf "\027[48;5;%dm%s\027[0m" (index colour) text

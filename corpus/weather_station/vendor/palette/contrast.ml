(* Readable text on a background. *)

let ratio a b =
  let la = Rgb.luminance a and lb = Rgb.luminance b in
  (max la lb +. 0.05) /. (min la lb +. 0.05)

let black = Rgb.of_int 0
let white = Rgb.of_int 0xffffff
let text_on background = if ratio black background > ratio white background then black else white

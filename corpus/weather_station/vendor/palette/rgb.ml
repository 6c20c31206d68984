(* Colours as three bytes. *)

type t = { r : int; g : int; b : int }

let clamp x = max 0 (min 255 x)
let make r g b = { r = clamp r; g = clamp g; b = clamp b }
let of_int n = make ((n lsr 16) land 255) ((n lsr 8) land 255) (n land 255)
let to_hex { r; g; b } = Printf.sprintf "#%02x%02x%02x" r g b

let mix share a b =
  let at x y = int_of_float (Float.round ((float_of_int x *. (1. -. share)) +. (float_of_int y *. share))) in
  make (at a.r b.r) (at a.g b.g) (at a.b b.b)

let luminance { r; g; b } =
  let channel x =
    let x = float_of_int x /. 255. in
    if x <= 0.03928 then x /. 12.92 else ((x +. 0.055) /. 1.055) ** 2.4
  in
  (0.2126 *. channel r) +. (0.7152 *. channel g) +. (0.0722 *. channel b)

(* Invented measurements, for exhibitions and for tests without hardware. *)

let day ~seed =
  let g = Numerix.generator seed in
  Array.init 24 (fun hour ->
      let angle = 2. *. Float.pi *. (float_of_int hour -. 9.) /. 24. in
      12. +. (6. *. sin angle) +. (0.8 *. Numerix.gaussian g))

let period days = Numerix.dominant_period (Array.concat (List.init days (fun seed -> day ~seed)))

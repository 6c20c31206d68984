(* Colours along a scale. *)

type t = (float * Rgb.t) list

let temperature : t =
  [
    (-30., Rgb.of_int 0x5b2a86); (-10., Rgb.of_int 0x2f4bb0); (0., Rgb.of_int 0x3fa7d6); (10., Rgb.of_int 0x59b368);
    (20., Rgb.of_int 0xf2c14e); (30., Rgb.of_int 0xe4572e); (40., Rgb.of_int 0x8c1c13);
  ]

let rec at gradient x = match gradient with
  | [] -> Rgb.of_int 0
  | [ (_, colour) ] -> colour
  | (low, colour) :: ((high, next) :: _ as rest) ->
      if x <= low then colour else if x >= high then at rest x else Rgb.mix ((x -. low) /. (high -. low)) colour next

(* Background radiation from clicks in a minute. *)

let tube_factor = 0.0057
let dead_time = 1.5e-6
let microsieverts clicks = let rate = clicks /. 60. in tube_factor *. 60. *. (rate /. (1. -. (rate *. dead_time)))

let self_test () =
  let p = Numerix.poisson ~rate:20. 20 in
  if p > 0.05 && p < 0.15 then Ok "counts are plausible" else Error "counting is off"

let () = Registry.register { quantity = "radiation"; unit = "uSv/h"; minimum = 0.; maximum = 1000.; convert = microsieverts; self_test }

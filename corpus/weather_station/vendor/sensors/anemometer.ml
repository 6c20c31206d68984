(* Wind speed from the pulses of a cup anemometer in ten seconds, calibrated in a wind tunnel. *)

let pulses = [| 0.; 12.; 35.; 81.; 175.; 362.; 640.; 905. |]
let speeds = [| 0.; 0.6; 1.4; 3.1; 6.5; 13.2; 23.4; 33.1 |]
let curve = lazy (Numerix.spline pulses speeds)
let metres_per_second count = if count <= 0. then 0. else Numerix.at_spline (Lazy.force curve) (min count 904.)

let self_test () =
  let line = Numerix.regression pulses speeds in
  if line.Numerix.r_squared > 0.98 then Ok (Printf.sprintf "slope %.4f" line.Numerix.slope) else Error "the calibration is bent"

let () = Registry.register { quantity = "wind"; unit = "m/s"; minimum = 0.; maximum = 75.; convert = metres_per_second; self_test }

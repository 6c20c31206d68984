(* Minutes of sunshine in an hour from the mean irradiance. *)

let threshold = 120.
let minutes irradiance = if irradiance <= 0. then 0. else min 60. (60. *. Numerix.normal_below ~mean:threshold ~deviation:60. irradiance)
let self_test () = if minutes 1000. > 59. && minutes 10. < 5. then Ok "bright and dark agree" else Error "threshold is off"
let () = Registry.register { quantity = "sunshine"; unit = "min"; minimum = 0.; maximum = 60.; convert = minutes; self_test }

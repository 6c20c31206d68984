(* Humidity from the frequency of a capacitive part. *)

let humidity frequency = max 0. (min 100. (Numerix.linear [| 6000.; 6300.; 6600.; 6900.; 7400. |] [| 100.; 74.; 49.; 24.; 0. |] frequency))

let self_test () =
  let dew = Metkit.Thermo.dew_point ~humidity:(humidity 6300.) 20. in
  if dew > 10. && dew < 20. then Ok (Printf.sprintf "dew point %.1f" dew) else Error "implausible dew point"

let () = Registry.register { quantity = "humidity"; unit = "%"; minimum = 0.; maximum = 100.; convert = humidity; self_test }

(* Pressure from a compensated transducer; the polynomial comes with the part. *)

let coefficients = [| 812.5; 0.1017; -2.31e-6; 4.02e-11 |]
let hectopascals counts = Numerix.polynomial coefficients counts

let self_test () =
  let residual counts = hectopascals counts -. (812.5 +. (0.0989 *. counts)) in
  let worst = Numerix.maximum (Array.map (fun c -> Float.abs (residual c)) [| 500.; 1000.; 1500.; 2000. |]) in
  if worst < 20. then Ok (Printf.sprintf "linear within %.1f hPa" worst) else Error "not linear"

let () = Registry.register { quantity = "pressure"; unit = "hPa"; minimum = 850.; maximum = 1090.; convert = hectopascals; self_test }

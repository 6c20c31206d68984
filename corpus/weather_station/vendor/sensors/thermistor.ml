(* Temperature from the resistance of a thermistor, in ohms. *)

let a = 1.129241e-3
let b = 2.341077e-4
let c = 8.775468e-8

let celsius resistance =
  let l = log resistance in
  (1. /. (a +. (b *. l) +. (c *. (l ** 3.)))) -. 273.15

(* Resistance of the usual ten-kiloohm part, for the self test. *)
let reference = [ (-40., 336479.); (-20., 97120.); (0., 32660.); (25., 10000.); (50., 3602.); (80., 1258.); (100., 677.) ]

let self_test () =
  let error (t, r) = Float.abs (celsius r -. t) in
  let worst = List.fold_left (fun worst point -> max worst (error point)) 0. reference in
  if worst < 3. then Ok (Printf.sprintf "within %.2f degrees" worst) else Error (Printf.sprintf "off by %.2f degrees" worst)

let () = Registry.register { quantity = "temperature"; unit = "C"; minimum = -60.; maximum = 60.; convert = celsius; self_test }

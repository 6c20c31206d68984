(* Air pressure and the standard atmosphere. Pressures in hectopascals, heights in metres. *)

let of_inches_of_mercury inches = inches *. 33.8639
let to_inches_of_mercury pressure = pressure /. 33.8639
let of_millimetres_of_mercury mm = mm *. 1.333224
let to_millimetres_of_mercury pressure = pressure /. 1.333224

let gravity = 9.80665
let gas_constant = 287.05

(* Reduction to sea level with the measured temperature and half the standard lapse below. *)
let at_sea_level ~height ~temperature pressure =
  let mean = temperature +. 273.15 +. (0.00325 *. height) in
  pressure *. exp (gravity *. height /. (gas_constant *. mean))

let at_station ~height ~temperature pressure =
  let mean = temperature +. 273.15 +. (0.00325 *. height) in
  pressure /. exp (gravity *. height /. (gas_constant *. mean))

type layer = { base : float; lapse : float; temperature : float; pressure : float; name : string }

let layers =
  [|
    { base = 0.; lapse = -0.0065; temperature = 288.15; pressure = 1013.25; name = "troposphere" };
    { base = 11000.; lapse = 0.; temperature = 216.65; pressure = 226.32; name = "tropopause" };
    { base = 20000.; lapse = 0.001; temperature = 216.65; pressure = 54.7489; name = "lower stratosphere" };
    { base = 32000.; lapse = 0.0028; temperature = 228.65; pressure = 8.68019; name = "upper stratosphere" };
    { base = 47000.; lapse = 0.; temperature = 270.65; pressure = 1.10906; name = "stratopause" };
    { base = 51000.; lapse = -0.0028; temperature = 270.65; pressure = 0.669389; name = "lower mesosphere" };
    { base = 71000.; lapse = -0.002; temperature = 214.65; pressure = 0.0395642; name = "upper mesosphere" };
  |]

let layer_of_height height =
  let rec find i = if i > 0 && layers.(i).base > height then find (i - 1) else layers.(i) in
  find (Array.length layers - 1)

let standard_temperature height =
  let layer = layer_of_height height in
  layer.temperature +. (layer.lapse *. (height -. layer.base)) -. 273.15

let standard_pressure height =
  let layer = layer_of_height height in
  let above = height -. layer.base in
  if layer.lapse = 0. then layer.pressure *. exp (-.gravity *. above /. (gas_constant *. layer.temperature))
  else
    let ratio = layer.temperature /. (layer.temperature +. (layer.lapse *. above)) in
    layer.pressure *. (ratio ** (gravity /. (gas_constant *. layer.lapse)))

let pressure_altitude pressure =
  let rec bisect low high n =
    let middle = (low +. high) /. 2. in
    if n = 0 then middle
    else if standard_pressure middle > pressure then bisect middle high (n - 1)
    else bisect low middle (n - 1)
  in
  bisect (-500.) 80000. 60

let density ~temperature pressure = pressure *. 100. /. (gas_constant *. (temperature +. 273.15))

(* The shape of the barograph's curve over three hours. *)
type tendency =
  | Rising_then_falling
  | Rising_then_steady
  | Rising
  | Falling_then_rising
  | Steady
  | Falling_then_steady
  | Falling
  | Rising_then_falling_below

let tendency first middle last =
  let early = middle -. first and late = last -. middle in
  let is_flat x = Float.abs x < 0.3 in
  if is_flat early && is_flat late then Steady
  else if early > 0. && is_flat late then Rising_then_steady
  else if early < 0. && is_flat late then Falling_then_steady
  else if early >= 0. && late >= 0. then Rising
  else if early <= 0. && late <= 0. then Falling
  else if early < 0. then Falling_then_rising
  else if last >= first then Rising_then_falling
  else Rising_then_falling_below

let tendency_name = function
  | Rising_then_falling -> "rising, then falling"
  | Rising_then_steady -> "rising, then steady"
  | Rising -> "rising"
  | Falling_then_rising -> "falling, then rising"
  | Steady -> "steady"
  | Falling_then_steady -> "falling, then steady"
  | Falling -> "falling"
  | Rising_then_falling_below -> "rising, then falling below where it was"

(* What the old barometers have on their dials. *)
let dial pressure =
  if pressure < 980. then "stormy"
  else if pressure < 995. then "rain"
  else if pressure < 1013. then "change"
  else if pressure < 1030. then "fair"
  else "very dry"

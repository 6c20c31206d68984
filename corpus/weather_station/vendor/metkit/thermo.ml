(* Temperature and moisture of the air.
   Temperatures are in degrees Celsius, pressures in hectopascals. *)

type celsius = float

let absolute_zero = -273.15
let to_kelvin t = t -. absolute_zero
let of_kelvin t = t +. absolute_zero
let to_fahrenheit t = (t *. 9. /. 5.) +. 32.
let of_fahrenheit t = (t -. 32.) *. 5. /. 9.
let to_rankine t = to_kelvin t *. 9. /. 5.

(* Magnus' formula, with one set of coefficients over water and one over ice. *)
let saturation_over_water t = 6.112 *. exp (17.62 *. t /. (243.12 +. t))
let saturation_over_ice t = 6.112 *. exp (22.46 *. t /. (272.62 +. t))
let saturation t = if t >= 0. then saturation_over_water t else saturation_over_ice t
let vapour_pressure ~humidity t = humidity /. 100. *. saturation_over_water t

let dew_point ~humidity t =
  let gamma = log (max 0.1 humidity /. 100.) +. (17.62 *. t /. (243.12 +. t)) in
  243.12 *. gamma /. (17.62 -. gamma)

let humidity_of_dew_point ~dew_point t =
  100. *. saturation_over_water dew_point /. saturation_over_water t

let mixing_ratio ~pressure ~humidity t =
  let e = vapour_pressure ~humidity t in
  622. *. e /. (pressure -. e)

let absolute_humidity ~humidity t = 216.7 *. vapour_pressure ~humidity t /. to_kelvin t

let virtual_temperature ~pressure ~humidity t =
  let ratio = mixing_ratio ~pressure ~humidity t /. 1000. in
  of_kelvin (to_kelvin t *. (1. +. (0.61 *. ratio)))

let potential_temperature ~pressure t = of_kelvin (to_kelvin t *. ((1000. /. pressure) ** 0.2857))

(* Stull's empirical formula: good to half a degree at sea level. *)
let wet_bulb ~humidity t =
  (t *. atan (0.151977 *. sqrt (humidity +. 8.313659)))
  +. atan (t +. humidity)
  -. atan (humidity -. 1.676331)
  +. (0.00391838 *. (humidity ** 1.5) *. atan (0.023101 *. humidity))
  -. 4.686035

let condensation_level ~humidity t = 125. *. (t -. dew_point ~humidity t)

(* What the body feels: wind chill below ten degrees, heat index above twenty-six. *)
let wind_chill ~wind t =
  let kmh = wind *. 3.6 in
  if t > 10. || kmh < 4.8 then t
  else
    let v = kmh ** 0.16 in
    13.12 +. (0.6215 *. t) -. (11.37 *. v) +. (0.3965 *. t *. v)

let heat_index ~humidity t =
  if t < 26.7 then t
  else
    let f = to_fahrenheit t and h = humidity in
    let index =
      -42.379 +. (2.04901523 *. f) +. (10.14333127 *. h) -. (0.22475541 *. f *. h)
      -. (6.83783e-3 *. f *. f) -. (5.481717e-2 *. h *. h)
      +. (1.22874e-3 *. f *. f *. h) +. (8.5282e-4 *. f *. h *. h)
      -. (1.99e-6 *. f *. f *. h *. h)
    in
    of_fahrenheit index

let apparent ~wind ~humidity t =
  if t <= 10. then wind_chill ~wind t else if t >= 26.7 then heat_index ~humidity t else t

type comfort = Freezing | Cold | Cool | Pleasant | Warm | Hot | Dangerous

let comfort ~wind ~humidity t =
  let felt = apparent ~wind ~humidity t in
  if felt < -10. then Freezing
  else if felt < 5. then Cold
  else if felt < 15. then Cool
  else if felt < 24. then Pleasant
  else if felt < 30. then Warm
  else if felt < 40. then Hot
  else Dangerous

let comfort_name = function
  | Freezing -> "freezing"
  | Cold -> "cold"
  | Cool -> "cool"
  | Pleasant -> "pleasant"
  | Warm -> "warm"
  | Hot -> "hot"
  | Dangerous -> "dangerously hot"

(* Degree days between a base and the mean of the day's extremes. *)
let heating_degree_days ?(base = 18.) ~low high = max 0. (base -. ((low +. high) /. 2.))
let cooling_degree_days ?(base = 18.) ~low high = max 0. (((low +. high) /. 2.) -. base)
let growing_degree_days ?(base = 10.) ?(cap = 30.) ~low high =
  let low = max base low and high = min cap (max base high) in
  max 0. (((low +. high) /. 2.) -. base)

let is_frost ~low = low < 0.
let is_summer_day ~high = high >= 25.
let is_tropical_night ~low = low >= 20.

(* Where the sun and the moon stand. Angles in degrees, times in hours of universal time. *)

type date = { year : int; month : int; day : int }

let radians d = d *. Float.pi /. 180.
let degrees r = r *. 180. /. Float.pi
let is_leap year = (year mod 4 = 0 && year mod 100 <> 0) || year mod 400 = 0
let days_before_month = [| 0; 31; 59; 90; 120; 151; 181; 212; 243; 273; 304; 334 |]

let day_of_year { year; month; day } =
  days_before_month.(month - 1) + day + if month > 2 && is_leap year then 1 else 0

let julian_day { year; month; day } =
  let a = (14 - month) / 12 in
  let y = year + 4800 - a and m = month + (12 * a) - 3 in
  float_of_int (day + (((153 * m) + 2) / 5) + (365 * y) + (y / 4) - (y / 100) + (y / 400) - 32045)

let day_of_week date = int_of_float (julian_day date +. 1.) mod 7

let next_day date =
  let lengths = [| 31; (if is_leap date.year then 29 else 28); 31; 30; 31; 30; 31; 31; 30; 31; 30; 31 |] in
  if date.day < lengths.(date.month - 1) then { date with day = date.day + 1 }
  else if date.month < 12 then { date with month = date.month + 1; day = 1 }
  else { year = date.year + 1; month = 1; day = 1 }

(* Spencer's series for the declination and the equation of time. *)
let day_angle date = 2. *. Float.pi *. float_of_int (day_of_year date - 1) /. 365.

let declination date =
  let g = day_angle date in
  degrees
    (0.006918 -. (0.399912 *. cos g) +. (0.070257 *. sin g) -. (0.006758 *. cos (2. *. g))
    +. (0.000907 *. sin (2. *. g)) -. (0.002697 *. cos (3. *. g)) +. (0.00148 *. sin (3. *. g)))

let equation_of_time date =
  let g = day_angle date in
  229.18
  *. (0.000075 +. (0.001868 *. cos g) -. (0.032077 *. sin g) -. (0.014615 *. cos (2. *. g))
     -. (0.040849 *. sin (2. *. g)))

type day = Polar_night | Midnight_sun | Between of float * float

let day_at ?(altitude = -0.833) ~latitude ~longitude date =
  let d = radians (declination date) and phi = radians latitude in
  let cosine = (sin (radians altitude) -. (sin phi *. sin d)) /. (cos phi *. cos d) in
  if cosine > 1. then Polar_night
  else if cosine < -1. then Midnight_sun
  else
    let half = degrees (acos cosine) /. 15. in
    let noon = 12. -. (longitude /. 15.) -. (equation_of_time date /. 60.) in
    Between (noon -. half, noon +. half)

let sunrise ~latitude ~longitude date =
  match day_at ~latitude ~longitude date with Between (rise, _) -> Some rise | _ -> None

let sunset ~latitude ~longitude date =
  match day_at ~latitude ~longitude date with Between (_, set) -> Some set | _ -> None

let day_length ~latitude date =
  match day_at ~latitude ~longitude:0. date with
  | Polar_night -> 0.
  | Midnight_sun -> 24.
  | Between (rise, set) -> set -. rise

type twilight = Civil | Nautical | Astronomical

let twilight kind ~latitude ~longitude date =
  let altitude = match kind with Civil -> -6. | Nautical -> -12. | Astronomical -> -18. in
  day_at ~altitude ~latitude ~longitude date

let elevation ~latitude ~longitude ~hour date =
  let d = radians (declination date) and phi = radians latitude in
  let solar = hour +. (longitude /. 15.) +. (equation_of_time date /. 60.) in
  let angle = radians (15. *. (solar -. 12.)) in
  degrees (asin ((sin phi *. sin d) +. (cos phi *. cos d *. cos angle)))

let clear_sky_irradiance ~latitude ~longitude ~hour date =
  let height = elevation ~latitude ~longitude ~hour date in
  if height <= 0. then 0.
  else
    let mass = 1. /. (sin (radians height) +. (0.50572 *. ((height +. 6.07995) ** -1.6364))) in
    1361. *. (0.7 ** (mass ** 0.678)) *. sin (radians height)

let clear_sky_energy ~latitude ~longitude date =
  let sum = ref 0. in
  for quarter = 0 to 95 do
    sum := !sum +. (0.25 *. clear_sky_irradiance ~latitude ~longitude ~hour:(float_of_int quarter /. 4.) date)
  done;
  !sum /. 1000.

type moon = New_moon | Waxing_crescent | First_quarter | Waxing_gibbous | Full_moon | Waning_gibbous | Last_quarter | Waning_crescent

let moon_age date =
  let since = julian_day date -. 2451550.1 in
  let age = mod_float since 29.530588853 in
  if age < 0. then age +. 29.530588853 else age

let moon date =
  match int_of_float (Float.round (moon_age date /. 29.530588853 *. 8.)) mod 8 with
  | 0 -> New_moon
  | 1 -> Waxing_crescent
  | 2 -> First_quarter
  | 3 -> Waxing_gibbous
  | 4 -> Full_moon
  | 5 -> Waning_gibbous
  | 6 -> Last_quarter
  | _ -> Waning_crescent

let moon_name = function
  | New_moon -> "new moon"
  | Waxing_crescent -> "waxing crescent"
  | First_quarter -> "first quarter"
  | Waxing_gibbous -> "waxing gibbous"
  | Full_moon -> "full moon"
  | Waning_gibbous -> "waning gibbous"
  | Last_quarter -> "last quarter"
  | Waning_crescent -> "waning crescent"

let clock hours =
  let minutes = int_of_float (Float.round (hours *. 60.)) in
  let minutes = ((minutes mod 1440) + 1440) mod 1440 in
  Printf.sprintf "%02d:%02d" (minutes / 60) (minutes mod 60)

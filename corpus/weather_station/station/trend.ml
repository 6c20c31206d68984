(** Where the barometer is going. *)

type t = { per_hour : float; tendency : Metkit.Pressure.tendency; text : string }

let of_pressures pressures =
  let n = Array.length pressures in
  let recent = Array.sub pressures (max 0 (n - 12)) (min n 12) in
  let hours = Array.init (Array.length recent) float_of_int in
  let line = Numerix.regression hours recent in
  let last i = pressures.(max 0 (n - 1 - i)) in
  let tendency = Metkit.Pressure.tendency (last 3) (last 1) (last 0) in
  { per_hour = line.slope; tendency; text = Metkit.Pressure.tendency_name tendency }

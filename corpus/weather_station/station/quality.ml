(** Sorts out what cannot be true. *)

type verdict = Good | Suspicious of string

let check (o : Observation.t) =
  let dew_point = Metkit.Thermo.dew_point ~humidity:o.humidity o.temperature in
  if dew_point > o.temperature +. 0.1 then Suspicious "the dew point is above the temperature"
  else if o.humidity < 1. || o.humidity > 100. then Suspicious "humidity out of range"
  else if o.rain > 0. && o.humidity < 40. then Suspicious "rain in dry air"
  else
    match Metkit.Present.find o.weather with
    | None -> Suspicious "no such code of present weather"
    | Some code when Metkit.Present.is_frozen code && o.temperature > 8. -> Suspicious (code.text ^ " in warm air")
    | Some _ -> Good

let spikes observations =
  let temperatures = Array.of_list (List.map (fun (o : Observation.t) -> o.temperature) observations) in
  Numerix.outliers ~limit:6. temperatures |> List.map fst

let silent ~hours (observations : Observation.t list) =
  match observations with
  | [] -> ()
  | first :: rest ->
      let flat = List.filter (fun (o : Observation.t) -> o.wind.speed = first.wind.speed) rest in
      if List.length flat + 1 >= hours then raise (Faults.Sensor_silent { sensor = "anemometer"; since = Observation.stamp first })

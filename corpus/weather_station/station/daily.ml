(** What a day came to. *)

type t = {
  date : Metkit.Solar.date;
  low : float;
  mean : float;
  high : float;
  rain : float;
  pressure : float;  (** at sea level, mean *)
  wind : Metkit.Wind.t;
  worst : string;
  suspicious : int;
}

let values f observations = Array.of_list (List.map f observations)

let of_observations (site : Site.t) date (observations : Observation.t list) =
  let temperatures = values (fun (o : Observation.t) -> o.temperature) observations in
  let reduce (o : Observation.t) = Metkit.Pressure.at_sea_level ~height:site.height ~temperature:o.temperature o.pressure in
  let is_suspicious o = match Quality.check o with Quality.Good -> false | Suspicious _ -> true in
  {
    date;
    low = Numerix.minimum temperatures;
    mean = Numerix.mean temperatures;
    high = Numerix.maximum temperatures;
    rain = Numerix.sum (values (fun (o : Observation.t) -> o.rain) observations);
    pressure = Numerix.mean (values reduce observations);
    wind = Metkit.Wind.mean (List.map (fun (o : Observation.t) -> o.wind) observations);
    worst =
      (match Metkit.Present.worst (List.map (fun (o : Observation.t) -> o.weather) observations) with
      | Some code -> code.text
      | None -> "nothing reported");
    suspicious = List.length (List.filter is_suspicious observations);
  }

(** Groups what belongs to one day; the days come in order. *)
let all site (observations : Observation.t list) =
  let dates = List.sort_uniq compare (List.map (fun (o : Observation.t) -> o.date) observations) in
  List.map (fun date -> of_observations site date (List.filter (fun (o : Observation.t) -> o.date = date) observations)) dates

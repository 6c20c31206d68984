(** One hour of measurements. *)

type t = {
  date : Metkit.Solar.date;
  hour : int;
  temperature : float;
  humidity : float;
  pressure : float;  (** at the station *)
  wind : Metkit.Wind.t;
  rain : float;
  weather : int;  (** present weather, a code figure *)
}

let stamp { date; hour; _ } = Printf.sprintf "%04d-%02d-%02d %02d:00" date.year date.month date.day hour
let same_day a b = a.date = b.date

(** Days as JSON, for other programs. *)

let number x = Jot.Json.Number (Float.round (x *. 10.) /. 10.)

let day (day : Daily.t) =
  Jot.Json.Object
    [
      ("date", String (Printf.sprintf "%04d-%02d-%02d" day.date.year day.date.month day.date.day));
      ("low", number day.low); ("mean", number day.mean); ("high", number day.high); ("rain", number day.rain);
      ("pressure", number day.pressure); ("wind", number day.wind.speed);
    ]

let to_json days = Jot.Json.to_string (List (List.map day days))

(** A forecast of one word, from the barometer and the wind, as the old shepherds made it. *)

type t = Fine | Changing | Rain | Storm

let make (trend : Trend.t) ~pressure ~(wind : Metkit.Wind.t) =
  if pressure < 985. || trend.per_hour < -2. then Storm
  else if trend.per_hour < -0.6 || (pressure < 1000. && wind.from > 180. && wind.from < 290.) then Rain
  else if trend.per_hour > 0.3 && pressure > 1010. then Fine
  else Changing

let text = function
  | Fine -> "fine and dry"
  | Changing -> "changeable"
  | Rain -> "rain before long"
  | Storm -> "stormy; stay inside"

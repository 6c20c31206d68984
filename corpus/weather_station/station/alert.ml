(** Warnings, worst first. *)

type level = Yellow | Orange | Red
type t = { level : level; text : string }

let rank = function Yellow -> 1 | Orange -> 2 | Red -> 3

let of_day (day : Daily.t) =
  let rule condition level text = if condition then [ { level; text } ] else [] in
  let force = (Metkit.Wind.force day.wind.speed).number in
  rule (Metkit.Thermo.is_frost ~low:day.low) Yellow "ground frost"
  @ rule (day.low < -15.) Red "severe frost"
  @ rule (day.rain > 20.) Orange "heavy rain"
  @ rule (force >= 8) Red "gale"
  @ rule (force >= 6 && force < 8) Yellow "strong wind"
  @ rule (day.high > 33.) Orange "great heat"
  |> List.sort (fun a b -> compare (rank b.level) (rank a.level))

let colour alert =
  Option.value (Palette.Named.find (match alert.level with Yellow -> "gold" | Orange -> "orange" | Red -> "crimson")) ~default:(Palette.Rgb.of_int 0xffffff)

(* Wind: speed in metres per second, direction in degrees from which it blows. *)

type t = { speed : float; from : float; gust : float option }

let calm = { speed = 0.; from = 0.; gust = None }

let normalize degrees =
  let turned = mod_float degrees 360. in
  if turned < 0. then turned +. 360. else turned

let make ?gust ~from speed = { speed; from = normalize from; gust }
let of_knots knots = knots *. 0.514444
let to_knots speed = speed /. 0.514444
let of_kmh kmh = kmh /. 3.6
let to_kmh speed = speed *. 3.6
let to_mph speed = speed *. 2.236936
let radians degrees = degrees *. Float.pi /. 180.
let degrees radians = radians *. 180. /. Float.pi

(* Components: where the air goes, to the east and to the north. *)
let components { speed; from; _ } =
  let angle = radians from in
  (-.speed *. sin angle, -.speed *. cos angle)

let of_components (east, north) =
  let speed = sqrt ((east *. east) +. (north *. north)) in
  if speed < 1e-9 then calm else make ~from:(degrees (atan2 (-.east) (-.north))) speed

let mean winds =
  match winds with
  | [] -> calm
  | _ :: _ ->
      let n = float_of_int (List.length winds) in
      let add (e, n) wind = let e', n' = components wind in (e +. e', n +. n') in
      let east, north = List.fold_left add (0., 0.) winds in
      of_components (east /. n, north /. n)

let steadiness winds =
  let total = List.fold_left (fun sum wind -> sum +. wind.speed) 0. winds in
  let n = float_of_int (max 1 (List.length winds)) in
  if total = 0. then 1. else (mean winds).speed /. (total /. n)

let gust_factor wind =
  match wind.gust with Some gust when wind.speed > 0. -> gust /. wind.speed | _ -> 1.

let points =
  [| "N"; "NNE"; "NE"; "ENE"; "E"; "ESE"; "SE"; "SSE"; "S"; "SSW"; "SW"; "WSW"; "W"; "WNW"; "NW"; "NNW" |]

let point from = points.(int_of_float (Float.round (normalize from /. 22.5)) mod 16)

type force = {
  number : int;
  name : string;
  below : float;
  on_land : string;
  at_sea : string;
}

let scale =
  [|
    { number = 0; name = "calm"; below = 0.5; on_land = "smoke rises straight up"; at_sea = "the sea is like a mirror" };
    { number = 1; name = "light air"; below = 1.6; on_land = "smoke drifts, vanes do not turn"; at_sea = "ripples without foam" };
    { number = 2; name = "light breeze"; below = 3.4; on_land = "felt on the face, leaves rustle"; at_sea = "small wavelets that do not break" };
    { number = 3; name = "gentle breeze"; below = 5.5; on_land = "leaves and twigs move all the time"; at_sea = "crests begin to break here and there" };
    { number = 4; name = "moderate breeze"; below = 8.; on_land = "dust and loose paper rise"; at_sea = "small waves with frequent white caps" };
    { number = 5; name = "fresh breeze"; below = 10.8; on_land = "small trees sway"; at_sea = "moderate waves, many white caps" };
    { number = 6; name = "strong breeze"; below = 13.9; on_land = "large branches move, umbrellas turn"; at_sea = "large waves, some spray" };
    { number = 7; name = "near gale"; below = 17.2; on_land = "whole trees move"; at_sea = "foam is blown in streaks" };
    { number = 8; name = "gale"; below = 20.8; on_land = "twigs break off, walking is hard"; at_sea = "long waves, edges of crests break into spray" };
    { number = 9; name = "strong gale"; below = 24.5; on_land = "slates and chimney pots fall"; at_sea = "high waves, dense foam" };
    { number = 10; name = "storm"; below = 28.5; on_land = "trees are uprooted"; at_sea = "very high waves, the sea looks white" };
    { number = 11; name = "violent storm"; below = 32.7; on_land = "damage everywhere"; at_sea = "ships are lost behind the waves" };
    { number = 12; name = "hurricane"; below = infinity; on_land = "devastation"; at_sea = "the air is full of foam and spray" };
  |]

let force speed =
  let rec find i = if i = Array.length scale - 1 || speed < scale.(i).below then scale.(i) else find (i + 1) in
  find 0

(* How often the wind came from each of the sixteen points, in classes of force. *)
type rose = { total : int; petals : int array array }

let rose winds =
  let petals = Array.make_matrix 16 13 0 in
  List.iter
    (fun wind ->
      let at = int_of_float (Float.round (wind.from /. 22.5)) mod 16 in
      let force = (force wind.speed).number in
      petals.(at).(force) <- petals.(at).(force) + 1)
    winds;
  { total = List.length winds; petals }

let share rose at =
  if rose.total = 0 then 0. else float_of_int (Array.fold_left ( + ) 0 rose.petals.(at)) /. float_of_int rose.total

let prevailing rose =
  let best = ref 0 in
  for at = 1 to 15 do if share rose at > share rose !best then best := at done;
  points.(!best)

(* Speed at another height, by the power law over terrain of some roughness. *)
let at_height ?(roughness = 0.143) ~measured_at ~height speed = speed *. ((height /. measured_at) ** roughness)

let pressure_on_wall speed = 0.613 *. speed *. speed

let describe wind =
  if wind.speed < 0.5 then "calm"
  else
    let gusts = match wind.gust with Some gust -> Printf.sprintf ", gusts to %.0f m/s" gust | None -> "" in
    Printf.sprintf "%s from %s, %.1f m/s%s" (force wind.speed).name (point wind.from) wind.speed gusts

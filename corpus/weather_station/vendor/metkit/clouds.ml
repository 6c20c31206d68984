(* Clouds: kinds, cover in oktas, heights in metres. *)

type level = Low | Middle | High
type kind = Cirrus | Cirrocumulus | Cirrostratus | Altocumulus | Altostratus | Nimbostratus | Stratocumulus | Stratus | Cumulus | Cumulonimbus

type description = {
  kind : kind;
  latin : string;
  short : string;
  level : level;
  base_low : float;
  base_high : float;
  rains : bool;
  looks : string;
  tells : string;
}

let all =
  [
    { kind = Cirrus; latin = "cirrus"; short = "Ci"; level = High; base_low = 5000.; base_high = 13000.; rains = false;
      looks = "white threads and hooks with a silky sheen"; tells = "a front is a day or two away if they thicken" };
    { kind = Cirrocumulus; latin = "cirrocumulus"; short = "Cc"; level = High; base_low = 5000.; base_high = 12000.; rains = false;
      looks = "thin white grains and ripples without shade"; tells = "unrest high up, a change within the day" };
    { kind = Cirrostratus; latin = "cirrostratus"; short = "Cs"; level = High; base_low = 5000.; base_high = 12000.; rains = false;
      looks = "a veil that puts a ring around the sun"; tells = "rain within twelve to twenty-four hours" };
    { kind = Altocumulus; latin = "altocumulus"; short = "Ac"; level = Middle; base_low = 2000.; base_high = 6000.; rains = false;
      looks = "rolls and heaps with shaded sides"; tells = "thunder in the afternoon if they look like towers" };
    { kind = Altostratus; latin = "altostratus"; short = "As"; level = Middle; base_low = 2000.; base_high = 6000.; rains = true;
      looks = "a grey sheet, the sun as through ground glass"; tells = "steady rain is close" };
    { kind = Nimbostratus; latin = "nimbostratus"; short = "Ns"; level = Middle; base_low = 500.; base_high = 3000.; rains = true;
      looks = "a dark layer without edges"; tells = "rain or snow for hours" };
    { kind = Stratocumulus; latin = "stratocumulus"; short = "Sc"; level = Low; base_low = 500.; base_high = 2000.; rains = false;
      looks = "grey rolls with lighter seams"; tells = "dull and dry" };
    { kind = Stratus; latin = "stratus"; short = "St"; level = Low; base_low = 0.; base_high = 600.; rains = true;
      looks = "a grey even layer, fog that was lifted"; tells = "drizzle, or clearing towards noon" };
    { kind = Cumulus; latin = "cumulus"; short = "Cu"; level = Low; base_low = 600.; base_high = 2500.; rains = false;
      looks = "white heaps with flat feet"; tells = "fair, as long as they stay wider than tall" };
    { kind = Cumulonimbus; latin = "cumulonimbus"; short = "Cb"; level = Low; base_low = 500.; base_high = 2500.; rains = true;
      looks = "towers with an anvil"; tells = "showers, hail and thunder" };
  ]

let describe kind = List.find (fun description -> description.kind = kind) all
let name kind = (describe kind).latin
let of_short short = List.find_opt (fun description -> String.equal description.short short) all

type cover = Clear | Few | Scattered | Broken | Overcast

let cover_of_oktas oktas =
  if oktas <= 0 then Clear else if oktas <= 2 then Few else if oktas <= 4 then Scattered else if oktas <= 7 then Broken else Overcast

let cover_name = function
  | Clear -> "clear"
  | Few -> "few clouds"
  | Scattered -> "scattered clouds"
  | Broken -> "mostly cloudy"
  | Overcast -> "overcast"

let oktas_of_cover = function Clear -> 0 | Few -> 2 | Scattered -> 4 | Broken -> 6 | Overcast -> 8

type layer = { cover : cover; base : float; kind : kind option }

let ceiling layers =
  let is_ceiling layer = match layer.cover with Broken | Overcast -> true | _ -> false in
  List.filter is_ceiling layers |> List.map (fun layer -> layer.base) |> List.fold_left min infinity
  |> fun base -> if base = infinity then None else Some base

(* Which kinds are likely where the base of a layer was measured. *)
let likely_kinds ~base ~rains =
  List.filter (fun d -> d.base_low <= base && base <= d.base_high && ((not rains) || d.rains)) all

let total_cover layers =
  let open_share = List.fold_left (fun share layer -> share *. (1. -. (float_of_int (oktas_of_cover layer.cover) /. 8.))) 1. layers in
  int_of_float (Float.round ((1. -. open_share) *. 8.))

(* Kasten and Czeplak: what clouds leave of the sun's irradiance. *)
let transmission ~oktas = 1. -. (0.75 *. ((float_of_int oktas /. 8.) ** 3.4))

let layer_text layer =
  let kind = match layer.kind with Some kind -> " (" ^ name kind ^ ")" | None -> "" in
  Printf.sprintf "%s at %.0f m%s" (cover_name layer.cover) layer.base kind

(* Airport reports: reading METAR groups into a record, and saying them in words. *)

type visibility = Metres of int | Ten_kilometres_or_more

type t = {
  station : string;
  day : int;
  hour : int;
  minute : int;
  automatic : bool;
  wind : Wind.t option;
  visibility : visibility option;
  weather : (string * int) list;
  clouds : Clouds.layer list;
  temperature : float option;
  dew_point : float option;
  pressure : float option;
  remarks : string list;
}

exception Malformed of string * string

let () =
  Printexc.register_printer (function
    | Malformed (group, why) -> Some (Printf.sprintf "METAR group %S: %s" group why)
    | _ -> None)

let empty station =
  {
    station; day = 0; hour = 0; minute = 0; automatic = false; wind = None; visibility = None; weather = []; clouds = [];
    temperature = None; dew_point = None; pressure = None; remarks = [];
  }

let is_digit c = c >= '0' && c <= '9'
let all_digits text = String.length text > 0 && (let ok = ref true in String.iter (fun c -> if not (is_digit c) then ok := false) text; !ok)
let number group text = match int_of_string_opt text with Some n -> n | None -> raise (Malformed (group, "a number was expected"))
let sub = String.sub
let ends_with ~suffix text =
  let n = String.length suffix and m = String.length text in
  n <= m && String.equal (sub text (m - n) n) suffix

(* 24015G25KT *)
let wind_group group =
  let unit, suffix =
    if ends_with ~suffix:"KT" group then (Wind.of_knots, 2)
    else if ends_with ~suffix:"MPS" group then ((fun speed -> speed), 3)
    else if ends_with ~suffix:"KMH" group then (Wind.of_kmh, 3)
    else raise (Malformed (group, "no unit of speed"))
  in
  let body = sub group 0 (String.length group - suffix) in
  if String.length body < 5 then raise (Malformed (group, "too short"));
  let from = if String.equal (sub body 0 3) "VRB" then 0. else float_of_int (number group (sub body 0 3)) in
  let speed text = unit (float_of_int (number group text)) in
  match String.index_opt body 'G' with
  | Some at ->
      let gust = speed (sub body (at + 1) (String.length body - at - 1)) in
      Wind.make ~gust ~from (speed (sub body 3 (at - 3)))
  | None -> Wind.make ~from (speed (sub body 3 (String.length body - 3)))

(* BKN025CB *)
let cloud_group group =
  let cover =
    match sub group 0 3 with
    | "FEW" -> Some Clouds.Few
    | "SCT" -> Some Clouds.Scattered
    | "BKN" -> Some Clouds.Broken
    | "OVC" -> Some Clouds.Overcast
    | _ -> None
  in
  match cover with
  | None -> None
  | Some cover when String.length group >= 6 ->
      let feet = 100 * number group (sub group 3 3) in
      let kind = if ends_with ~suffix:"CB" group then Some Clouds.Cumulonimbus else if ends_with ~suffix:"TCU" group then Some Clouds.Cumulus else None in
      Some { Clouds.cover; base = float_of_int feet *. 0.3048; kind }
  | Some _ -> raise (Malformed (group, "no height"))

let temperature_of group text =
  if String.length text > 0 && text.[0] = 'M' then -.float_of_int (number group (sub text 1 (String.length text - 1)))
  else float_of_int (number group text)

(* -SHRA *)
let weather_group group =
  let strength, rest =
    match group.[0] with
    | '-' -> ("light ", sub group 1 (String.length group - 1))
    | '+' -> ("heavy ", sub group 1 (String.length group - 1))
    | _ -> ("", group)
  in
  if String.length rest < 2 || String.length rest mod 2 = 1 then None
  else
    let rec words at =
      if at >= String.length rest then Some ([], 0)
      else
        let two = sub rest at 2 in
        match List.assoc_opt two Present.descriptors with
        | Some word -> Option.map (fun (all, code) -> (word :: all, code)) (words (at + 2))
        | None -> (
            match List.find_opt (fun (short, _, _) -> String.equal short two) Present.phenomena with
            | Some (_, word, figure) -> Option.map (fun (all, code) -> (word :: all, max figure code)) (words (at + 2))
            | None -> None)
    in
    Option.map (fun (all, code) -> (strength ^ String.concat " " all, code)) (words 0)

let group report text =
  let n = String.length text in
  if String.equal text "AUTO" then { report with automatic = true }
  else if String.equal text "CAVOK" then { report with visibility = Some Ten_kilometres_or_more }
  else if n = 7 && text.[6] = 'Z' && all_digits (sub text 0 6) then
    { report with day = number text (sub text 0 2); hour = number text (sub text 2 2); minute = number text (sub text 4 2) }
  else if ends_with ~suffix:"KT" text || ends_with ~suffix:"MPS" text || ends_with ~suffix:"KMH" text then
    { report with wind = Some (wind_group text) }
  else if n = 4 && all_digits text then
    { report with visibility = Some (if String.equal text "9999" then Ten_kilometres_or_more else Metres (number text text)) }
  else if n = 5 && text.[0] = 'Q' && all_digits (sub text 1 4) then { report with pressure = Some (float_of_int (number text (sub text 1 4))) }
  else if n = 5 && text.[0] = 'A' && all_digits (sub text 1 4) then
    { report with pressure = Some (Pressure.of_inches_of_mercury (float_of_int (number text (sub text 1 4)) /. 100.)) }
  else
    match String.split_on_char '/' text with
    | [ t; d ] when n >= 5 && n <= 7 ->
        { report with temperature = Some (temperature_of text t); dew_point = (if String.equal d "" then None else Some (temperature_of text d)) }
    | _ -> (
        match if n >= 3 then cloud_group text else None with
        | Some layer -> { report with clouds = report.clouds @ [ layer ] }
        | None -> (
            match if n >= 2 then weather_group text else None with
            | Some weather -> { report with weather = report.weather @ [ weather ] }
            | None -> { report with remarks = report.remarks @ [ text ] }))

let parse line =
  match List.filter (fun word -> not (String.equal word "")) (String.split_on_char ' ' line) with
  | ("METAR" | "SPECI") :: station :: groups | station :: groups -> List.fold_left group (empty station) groups
  | [] -> raise (Malformed (line, "empty"))

let humidity report =
  match (report.temperature, report.dew_point) with
  | Some t, Some dew_point -> Some (Thermo.humidity_of_dew_point ~dew_point t)
  | _ -> None

let flight_category report =
  let ceiling = Option.value (Clouds.ceiling report.clouds) ~default:10000. in
  let visibility = match report.visibility with Some (Metres m) -> float_of_int m | _ -> 10000. in
  if ceiling < 150. || visibility < 1600. then "LIFR"
  else if ceiling < 300. || visibility < 5000. then "IFR"
  else if ceiling < 900. || visibility < 8000. then "MVFR"
  else "VFR"

let in_words report =
  let optional f = function Some x -> [ f x ] | None -> [] in
  let parts =
    [ Printf.sprintf "%s, day %d at %02d:%02d" report.station report.day report.hour report.minute ]
    @ optional Wind.describe report.wind
    @ List.map fst report.weather
    @ List.map Clouds.layer_text report.clouds
    @ optional (Printf.sprintf "%.0f degrees") report.temperature
    @ optional (Printf.sprintf "humidity %.0f %%") (humidity report)
    @ optional (Printf.sprintf "%.0f hPa") report.pressure
  in
  String.concat "; " parts

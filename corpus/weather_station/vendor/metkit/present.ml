(* Present weather in a hundred code figures, as observers report it. *)

type group = Dry | Recent | Dust | Fog | Drizzle | Rain | Snow | Shower | Storm

type code = {
  figure : int;
  group : group;
  severity : int;
  text : string;
  symbol : string;
}

let table =
  [|
    { figure = 0; group = Dry; severity = 0; text = "clouds not observed"; symbol = ".0" };
    { figure = 1; group = Dry; severity = 0; text = "clouds dissolving"; symbol = ".1" };
    { figure = 2; group = Dry; severity = 0; text = "sky unchanged"; symbol = ".2" };
    { figure = 3; group = Dry; severity = 0; text = "clouds forming"; symbol = ".3" };
    { figure = 4; group = Dry; severity = 0; text = "visibility reduced by smoke"; symbol = ".4" };
    { figure = 5; group = Dry; severity = 0; text = "haze"; symbol = ".5" };
    { figure = 6; group = Dry; severity = 0; text = "dust in the air, not raised by wind here"; symbol = ".6" };
    { figure = 7; group = Dry; severity = 0; text = "dust or sand raised by wind here"; symbol = ".7" };
    { figure = 8; group = Dry; severity = 0; text = "dust whirls"; symbol = ".8" };
    { figure = 9; group = Dry; severity = 0; text = "dust storm in sight"; symbol = ".9" };
    { figure = 10; group = Dry; severity = 1; text = "mist"; symbol = ".0" };
    { figure = 11; group = Dry; severity = 1; text = "patches of shallow fog"; symbol = ".1" };
    { figure = 12; group = Dry; severity = 1; text = "shallow fog"; symbol = ".2" };
    { figure = 13; group = Dry; severity = 1; text = "lightning, no thunder heard"; symbol = ".3" };
    { figure = 14; group = Dry; severity = 1; text = "rain in sight that does not reach the ground"; symbol = ".4" };
    { figure = 15; group = Dry; severity = 1; text = "rain in sight, distant"; symbol = ".5" };
    { figure = 16; group = Dry; severity = 1; text = "rain in sight, near"; symbol = ".6" };
    { figure = 17; group = Dry; severity = 1; text = "thunder, no rain here"; symbol = ".7" };
    { figure = 18; group = Dry; severity = 1; text = "squalls"; symbol = ".8" };
    { figure = 19; group = Dry; severity = 1; text = "funnel cloud"; symbol = ".9" };
    { figure = 20; group = Recent; severity = 1; text = "drizzle in the past hour"; symbol = ")0" };
    { figure = 21; group = Recent; severity = 1; text = "rain in the past hour"; symbol = ")1" };
    { figure = 22; group = Recent; severity = 1; text = "snow in the past hour"; symbol = ")2" };
    { figure = 23; group = Recent; severity = 1; text = "rain and snow in the past hour"; symbol = ")3" };
    { figure = 24; group = Recent; severity = 1; text = "freezing rain in the past hour"; symbol = ")4" };
    { figure = 25; group = Recent; severity = 1; text = "rain showers in the past hour"; symbol = ")5" };
    { figure = 26; group = Recent; severity = 1; text = "snow showers in the past hour"; symbol = ")6" };
    { figure = 27; group = Recent; severity = 1; text = "hail in the past hour"; symbol = ")7" };
    { figure = 28; group = Recent; severity = 1; text = "fog in the past hour"; symbol = ")8" };
    { figure = 29; group = Recent; severity = 1; text = "thunderstorm in the past hour"; symbol = ")9" };
    { figure = 30; group = Dust; severity = 2; text = "slight or moderate dust storm that has become thinner"; symbol = "S0" };
    { figure = 31; group = Dust; severity = 2; text = "slight or moderate dust storm that has not changed"; symbol = "S1" };
    { figure = 32; group = Dust; severity = 2; text = "slight or moderate dust storm that has become thicker"; symbol = "S2" };
    { figure = 33; group = Dust; severity = 2; text = "severe dust storm that has become thinner"; symbol = "S3" };
    { figure = 34; group = Dust; severity = 2; text = "severe dust storm that has not changed"; symbol = "S4" };
    { figure = 35; group = Dust; severity = 2; text = "severe dust storm that has become thicker"; symbol = "S5" };
    { figure = 36; group = Dust; severity = 2; text = "slight drifting snow, low"; symbol = "S6" };
    { figure = 37; group = Dust; severity = 2; text = "heavy drifting snow, low"; symbol = "S7" };
    { figure = 38; group = Dust; severity = 2; text = "slight drifting snow, high"; symbol = "S8" };
    { figure = 39; group = Dust; severity = 2; text = "heavy drifting snow, high"; symbol = "S9" };
    { figure = 40; group = Fog; severity = 2; text = "fog at a distance"; symbol = "=0" };
    { figure = 41; group = Fog; severity = 2; text = "fog in patches"; symbol = "=1" };
    { figure = 42; group = Fog; severity = 2; text = "fog that has become thinner, sky visible"; symbol = "=2" };
    { figure = 43; group = Fog; severity = 2; text = "fog that has become thinner, sky invisible"; symbol = "=3" };
    { figure = 44; group = Fog; severity = 2; text = "fog that has not changed, sky visible"; symbol = "=4" };
    { figure = 45; group = Fog; severity = 2; text = "fog that has not changed, sky invisible"; symbol = "=5" };
    { figure = 46; group = Fog; severity = 2; text = "fog that has become thicker, sky visible"; symbol = "=6" };
    { figure = 47; group = Fog; severity = 2; text = "fog that has become thicker, sky invisible"; symbol = "=7" };
    { figure = 48; group = Fog; severity = 2; text = "fog with rime, sky visible"; symbol = "=8" };
    { figure = 49; group = Fog; severity = 2; text = "fog with rime, sky invisible"; symbol = "=9" };
    { figure = 50; group = Drizzle; severity = 2; text = "slight drizzle, with breaks"; symbol = ",0" };
    { figure = 51; group = Drizzle; severity = 2; text = "slight drizzle, continuous"; symbol = ",1" };
    { figure = 52; group = Drizzle; severity = 2; text = "moderate drizzle, with breaks"; symbol = ",2" };
    { figure = 53; group = Drizzle; severity = 2; text = "moderate drizzle, continuous"; symbol = ",3" };
    { figure = 54; group = Drizzle; severity = 2; text = "heavy drizzle, with breaks"; symbol = ",4" };
    { figure = 55; group = Drizzle; severity = 2; text = "heavy drizzle, continuous"; symbol = ",5" };
    { figure = 56; group = Drizzle; severity = 2; text = "slight freezing drizzle"; symbol = ",6" };
    { figure = 57; group = Drizzle; severity = 2; text = "freezing drizzle"; symbol = ",7" };
    { figure = 58; group = Drizzle; severity = 2; text = "slight drizzle and rain"; symbol = ",8" };
    { figure = 59; group = Drizzle; severity = 2; text = "drizzle and rain"; symbol = ",9" };
    { figure = 60; group = Rain; severity = 2; text = "slight rain, with breaks"; symbol = "o0" };
    { figure = 61; group = Rain; severity = 2; text = "slight rain, continuous"; symbol = "o1" };
    { figure = 62; group = Rain; severity = 2; text = "moderate rain, with breaks"; symbol = "o2" };
    { figure = 63; group = Rain; severity = 2; text = "moderate rain, continuous"; symbol = "o3" };
    { figure = 64; group = Rain; severity = 2; text = "heavy rain, with breaks"; symbol = "o4" };
    { figure = 65; group = Rain; severity = 3; text = "heavy rain, continuous"; symbol = "o5" };
    { figure = 66; group = Rain; severity = 3; text = "slight freezing rain"; symbol = "o6" };
    { figure = 67; group = Rain; severity = 3; text = "freezing rain"; symbol = "o7" };
    { figure = 68; group = Rain; severity = 3; text = "slight rain and snow"; symbol = "o8" };
    { figure = 69; group = Rain; severity = 3; text = "rain and snow"; symbol = "o9" };
    { figure = 70; group = Snow; severity = 3; text = "slight snow, with breaks"; symbol = "*0" };
    { figure = 71; group = Snow; severity = 3; text = "slight snow, continuous"; symbol = "*1" };
    { figure = 72; group = Snow; severity = 3; text = "moderate snow, with breaks"; symbol = "*2" };
    { figure = 73; group = Snow; severity = 3; text = "moderate snow, continuous"; symbol = "*3" };
    { figure = 74; group = Snow; severity = 3; text = "heavy snow, with breaks"; symbol = "*4" };
    { figure = 75; group = Snow; severity = 3; text = "heavy snow, continuous"; symbol = "*5" };
    { figure = 76; group = Snow; severity = 3; text = "diamond dust"; symbol = "*6" };
    { figure = 77; group = Snow; severity = 3; text = "snow grains"; symbol = "*7" };
    { figure = 78; group = Snow; severity = 3; text = "single snow crystals"; symbol = "*8" };
    { figure = 79; group = Snow; severity = 3; text = "ice pellets"; symbol = "*9" };
    { figure = 80; group = Shower; severity = 3; text = "slight rain shower"; symbol = "v0" };
    { figure = 81; group = Shower; severity = 3; text = "rain shower"; symbol = "v1" };
    { figure = 82; group = Shower; severity = 3; text = "violent rain shower"; symbol = "v2" };
    { figure = 83; group = Shower; severity = 3; text = "slight shower of rain and snow"; symbol = "v3" };
    { figure = 84; group = Shower; severity = 3; text = "shower of rain and snow"; symbol = "v4" };
    { figure = 85; group = Shower; severity = 3; text = "slight snow shower"; symbol = "v5" };
    { figure = 86; group = Shower; severity = 3; text = "snow shower"; symbol = "v6" };
    { figure = 87; group = Shower; severity = 3; text = "slight shower of soft hail"; symbol = "v7" };
    { figure = 88; group = Shower; severity = 3; text = "shower of soft hail"; symbol = "v8" };
    { figure = 89; group = Shower; severity = 3; text = "slight hail shower"; symbol = "v9" };
    { figure = 90; group = Storm; severity = 3; text = "hail shower"; symbol = "K0" };
    { figure = 91; group = Storm; severity = 3; text = "slight rain after a thunderstorm"; symbol = "K1" };
    { figure = 92; group = Storm; severity = 3; text = "rain after a thunderstorm"; symbol = "K2" };
    { figure = 93; group = Storm; severity = 3; text = "slight snow or hail after a thunderstorm"; symbol = "K3" };
    { figure = 94; group = Storm; severity = 3; text = "snow or hail after a thunderstorm"; symbol = "K4" };
    { figure = 95; group = Storm; severity = 4; text = "thunderstorm with rain or snow"; symbol = "K5" };
    { figure = 96; group = Storm; severity = 4; text = "thunderstorm with hail"; symbol = "K6" };
    { figure = 97; group = Storm; severity = 4; text = "heavy thunderstorm with rain or snow"; symbol = "K7" };
    { figure = 98; group = Storm; severity = 4; text = "thunderstorm with a dust storm"; symbol = "K8" };
    { figure = 99; group = Storm; severity = 4; text = "heavy thunderstorm with hail"; symbol = "K9" };
  |]

let find figure = if figure < 0 || figure > 99 then None else Some table.(figure)

let text figure = match find figure with Some code -> code.text | None -> "unknown weather"

let is_wet code = match code.group with Drizzle | Rain | Snow | Shower | Storm -> true | Dry | Recent | Dust | Fog -> false
let is_frozen code = match code.group with Snow -> true | _ -> List.mem code.figure [ 48; 49; 56; 57; 66; 67; 85; 86 ]

let group_name = function
  | Dry -> "dry"
  | Recent -> "recently wet"
  | Dust -> "dust"
  | Fog -> "fog"
  | Drizzle -> "drizzle"
  | Rain -> "rain"
  | Snow -> "snow"
  | Shower -> "showers"
  | Storm -> "thunderstorm"

(* The words of a METAR's weather group, and the code figure that comes closest. *)
let descriptors =
  [
    ("MI", "shallow"); ("BC", "patches of"); ("PR", "partial"); ("DR", "low drifting"); ("BL", "blowing");
    ("SH", "showers of"); ("TS", "thunderstorm with"); ("FZ", "freezing");
  ]

let phenomena =
  [
    ("DZ", "drizzle", 53); ("RA", "rain", 63); ("SN", "snow", 73); ("SG", "snow grains", 77); ("IC", "ice crystals", 78);
    ("PL", "ice pellets", 79); ("GR", "hail", 90); ("GS", "small hail", 88); ("UP", "something falling", 60);
    ("BR", "mist", 10); ("FG", "fog", 45); ("FU", "smoke", 4); ("VA", "volcanic ash", 4); ("DU", "dust", 6);
    ("SA", "sand", 7); ("HZ", "haze", 5); ("PO", "dust whirls", 8); ("SQ", "squalls", 18); ("FC", "funnel cloud", 19);
    ("SS", "sandstorm", 31); ("DS", "dust storm", 31);
  ]

let contains ~part text =
  let n = String.length part and m = String.length text in
  let rec at i = i + n <= m && (String.equal (String.sub text i n) part || at (i + 1)) in
  at 0

let search word = Array.to_list table |> List.filter (fun code -> contains ~part:word code.text)

let worst figures =
  let worse a b = match (a, b) with
    | None, x | x, None -> x
    | Some a, Some b -> if b.severity > a.severity then Some b else Some a
  in
  List.fold_left (fun worst figure -> worse worst (find figure)) None figures

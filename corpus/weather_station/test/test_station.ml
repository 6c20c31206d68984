(* Checks of the libraries, so that a change of their modules can be seen to change nothing. *)

let n_failed = ref 0

let check name ok =
  if not ok then begin
    incr n_failed;
    prerr_endline ("failed: " ^ name)
  end

let close ?(by = 0.05) a b = Float.abs (a -. b) <= by

let metkit () =
  let open Metkit in
  check "fahrenheit" (close (Thermo.to_fahrenheit 100.) 212.);
  check "dew point" (close ~by:0.2 (Thermo.dew_point ~humidity:50. 20.) 9.3);
  check "wind from" (close (Wind.mean [ Wind.make ~from:350. 5.; Wind.make ~from:10. 5. ]).from 0. || close (Wind.mean [ Wind.make ~from:350. 5.; Wind.make ~from:10. 5. ]).from 360.);
  check "force" ((Wind.force 18.).number = 8);
  check "standard pressure" (close ~by:0.5 (Pressure.standard_pressure 1000.) 898.7);
  check "day of the year" (Solar.day_of_year { year = 2024; month = 3; day = 1 } = 61);
  check "equinox" (close ~by:0.4 (Solar.day_length ~latitude:50. { year = 2024; month = 3; day = 20 }) 12.2);
  check "oktas" (Clouds.cover_of_oktas 5 = Broken);
  check "code figure" (String.equal (Present.text 10) "mist");
  check "stations" (Option.is_some (Stations.by_name "kestrelpoint"));
  check "climate" (List.length Climate.zones = 8);
  let report = Metar.parse "METAR EDXX 281150Z 24015G25KT 9999 -SHRA BKN025CB 08/04 Q1003" in
  check "metar wind" (match report.wind with Some wind -> close wind.from 240. | None -> false);
  check "metar pressure" (report.pressure = Some 1003.);
  check "metar weather" (List.map snd report.weather = [ 63 ])

let numerix () =
  let open Numerix in
  check "mean" (close (mean [| 1.; 2.; 6. |]) 3.);
  check "median" (close (median [| 9.; 1.; 2. |]) 2.);
  check "regression" (close (regression [| 0.; 1.; 2. |] [| 1.; 3.; 5. |]).slope 2.);
  check "solve" (solve [| [| 2.; 0. |]; [| 0.; 4. |] |] [| 2.; 4. |] = [| 1.; 1. |]);
  check "fft" (close (fst (fft [| 1.; 1.; 1.; 1. |] [| 0.; 0.; 0.; 0. |])).(0) 4.);
  check "gamma" (close (exp (log_gamma 5.)) 24.);
  check "simpson" (close (simpson (fun x -> x *. x) 0. 3.) 9.);
  check "empty" (match mean [||] with _ -> false | exception Empty_input _ -> true)

let jot () =
  let open Jot in
  check "json" (String.equal (Json.to_string (Json.of_string {|{"a": [1, true, "x\n"]}|})) {|{"a":[1,true,"x\n"]}|});
  check "csv" ((Csv.of_string "a,b\n1,\"2,3\"\n").rows = [ [ "1"; "2,3" ] ]);
  check "ini" (Ini.get ~section:"s" "k" (Ini.of_string "[s]\nk = v\n") = Some "v");
  check "xml" (String.equal (Xml.text (Xml.of_string "<a>x <b>&amp;</b></a>")) "x &");
  check "syntax" (match Json.of_string "[1," with _ -> false | exception Syntax _ -> true)

let textkit () =
  check "width" (Textkit.Width.of_string "h\xc3\xb6he" = 4);
  check "wrap" (Textkit.Wrap.greedy ~width:7 "one two three" = [ "one two"; "three" ]);
  check "distance" (Textkit.Distance.levenshtein "kitten" "sitting" = 3);
  check "words" (String.equal (Textkit.Numerals.in_words 342) "three hundred and forty-two");
  check "roman" (String.equal (Textkit.Numerals.roman 1994) "MCMXCIV")

let palette () =
  check "named" (Option.map Palette.Rgb.to_hex (Palette.Named.find "Teal") = Some "#008080");
  check "contrast" (Palette.Contrast.text_on (Palette.Rgb.of_int 0xffffff) = Palette.Contrast.black);
  check "gradient" (Palette.Gradient.at Palette.Gradient.temperature (-50.) = Palette.Rgb.of_int 0x5b2a86)

let station () =
  let log = "date,hour,temperature,humidity,pressure,from,speed,gust,rain,weather\n2024-03-11,0,2.5,80,1010,200,4,,0.2,61\n" in
  check "log" (List.length (Station.Log_reader.of_string log) = 1);
  match Station.Daily.all Station.Site.default (Station.Log_reader.of_string log) with
  | [ day ] -> check "day" (close day.rain 0.2 && close day.mean 2.5)
  | _ -> check "one day" false

let () =
  List.iter (fun run -> run ()) [ metkit; numerix; jot; textkit; palette; station ];
  if !n_failed > 0 then exit 1 else print_endline "all well"

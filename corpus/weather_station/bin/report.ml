open Station

let read file =
  let channel = open_in_bin file in
  Fun.protect
    ~finally:(fun () -> close_in channel)
    (fun () -> really_input_string channel (in_channel_length channel))

let instruments () =
  let test quantity =
    match Option.map (fun (driver : Sensors.Registry.driver) -> driver.self_test ()) (Sensors.Registry.find quantity) with
    | Some (Ok text) -> quantity ^ ": " ^ text
    | Some (Error text) -> quantity ^ " FAILED: " ^ text
    | None -> quantity ^ ": no driver"
  in
  String.concat "\n" (Textkit.Wrap.bullets ~width:60 (List.map test (Sensors.Registry.quantities ())))

let print (choices : Choices.t) site observations =
  let days = Daily.all site observations in
  let pressures = Array.of_list (List.map (fun (o : Observation.t) -> o.pressure) observations) in
  let temperatures = Array.of_list (List.map (fun (o : Observation.t) -> o.temperature) observations) in
  let trend = Trend.of_pressures pressures in
  let last = List.nth observations (List.length observations - 1) in
  Printf.printf "%s, %d hours to %s\n\n%s\n\n" site.Site.name (List.length observations) (Observation.stamp last) (Page.table days);
  Printf.printf "temperature %s\npressure    %s\n\n" (Textkit.Chart.sparkline temperatures) (Textkit.Chart.sparkline pressures);
  List.iter print_endline (Page.alerts ~colour:choices.colour days);
  Printf.printf "now: %s, %s; %s\n" (Metkit.Present.text last.weather) (Metkit.Wind.describe last.wind) (Page.comfort last);
  Printf.printf "barometer: %s, %+.1f hPa an hour; outlook: %s\n" trend.text trend.per_hour
    (Outlook.text (Outlook.make trend ~pressure:pressures.(Array.length pressures - 1) ~wind:last.wind));
  Printf.printf "%s\n\n%s\n" (Agenda.text site last.date) (instruments ())

let () =
  let choices = Choices.parse () in
  let text = match choices.log with Some file -> read file | None -> Sample.log in
  match Log_reader.of_string text with
  | [] -> prerr_endline "report: the log is empty"; exit 1
  | observations -> (
      match choices.output with
      | Text -> print choices Site.default observations
      | Json -> print_endline (Archive.to_json (Daily.all Site.default observations)))
  | exception error -> prerr_endline ("report: " ^ Printexc.to_string error); exit 1

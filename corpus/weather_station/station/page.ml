(** The printed report. *)

let table days =
  let open Textkit.Table in
  let columns = [ left "day"; right "low"; right "mean"; right "high"; right "rain"; right "hPa"; left "wind"; left "worst weather" ] in
  let row (d : Daily.t) =
    [
      Printf.sprintf "%02d.%02d." d.date.day d.date.month; Printf.sprintf "%.1f" d.low; Printf.sprintf "%.1f" d.mean;
      Printf.sprintf "%.1f" d.high; Printf.sprintf "%.1f" d.rain; Printf.sprintf "%.0f" d.pressure;
      Metkit.Wind.point d.wind.from ^ Printf.sprintf " %.1f m/s" d.wind.speed; d.worst;
    ]
  in
  render columns (List.map row days)

let alerts ~colour days =
  let line (day : Daily.t) (alert : Alert.t) =
    let text = Printf.sprintf "%02d.%02d. %s" day.date.day day.date.month alert.text in
    if colour then Palette.Ansi.foreground (Alert.colour alert) text else text
  in
  List.concat_map (fun day -> List.map (line day) (Alert.of_day day)) days

let comfort (o : Observation.t) =
  Metkit.Thermo.comfort_name (Metkit.Thermo.comfort ~wind:o.wind.speed ~humidity:o.humidity o.temperature)

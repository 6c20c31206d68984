(** Reads the station's log: one line of comma-separated values for each hour. *)

let date text =
  match List.map int_of_string_opt (String.split_on_char '-' text) with
  | [ Some year; Some month; Some day ] when month >= 1 && month <= 12 -> Some { Metkit.Solar.year; month; day }
  | _ -> None

let observation line fields =
  let bad () = raise (Faults.Bad_record { line; text = String.concat "," fields }) in
  match fields with
  | [ day; hour; temperature; humidity; pressure; from; speed; gust; rain; weather ] -> (
      let number = float_of_string_opt in
      match
        ( date day, int_of_string_opt hour, number temperature, number humidity, number pressure, number from, number speed,
          number rain, int_of_string_opt weather )
      with
      | Some date, Some hour, Some temperature, Some humidity, Some pressure, Some from, Some speed, Some rain, Some weather ->
          let wind = Metkit.Wind.make ?gust:(number gust) ~from speed in
          { Observation.date; hour; temperature; humidity; pressure; wind; rain; weather }
      | _ -> bad ())
  | _ -> bad ()

(** Returns the observations in the order of the log; the first row names the columns. *)
let of_string text =
  let table = Jot.Csv.of_string text in
  List.mapi (fun i row -> observation (i + 2) row) table.rows

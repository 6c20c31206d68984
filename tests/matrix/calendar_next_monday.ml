(* packages: calendar *)
(* The first Monday after a date. *)

module Date = CalendarLib.Date

let rec next_monday date =
  let date = Date.add date (Date.Period.day 1) in
  if Date.day_of_week date = Date.Mon then date else next_monday date

let () = print_endline (CalendarLib.Printer.Date.to_string (next_monday (Date.make 2024 2 27)))

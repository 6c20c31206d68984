(* packages: calendar *)
(* vendored: calendar *)
open CalendarLib
let () =
  let day = Date.make 2024 2 28 in
  let next = Date.add day (Date.Period.day 2) in
  Printf.printf "%d-%d-%d\n" (Date.year next) (Date.int_of_month (Date.month next)) (Date.day_of_month next)

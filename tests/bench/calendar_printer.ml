(* packages: calendar *)
(* vendored: calendar *)
open CalendarLib
let () = print_endline (Printer.Date.sprint "%Y-%m-%d" (Date.make 2024 2 28))

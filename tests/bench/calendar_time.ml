(* packages: calendar *)
(* vendored: calendar *)
open CalendarLib
let () =
  let time = Time.add (Time.make 10 59 30) (Time.Period.second 45) in
  Printf.printf "%d:%d:%d\n" (Time.hour time) (Time.minute time) (Time.second time)

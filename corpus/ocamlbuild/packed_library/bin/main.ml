open Depot

let () =
  let easter = Calendar.easter 2024 in
  print_endline (Calendar.to_string easter ^ ", in the year " ^ Calendar.year_spelled easter);
  match Calendar.weekday (Calendar.add easter 39) with
  | Calendar.Thursday -> print_endline "a Thursday"
  | _ -> print_endline "another day"

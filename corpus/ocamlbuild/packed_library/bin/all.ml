module L = Depot.Ledger

let () =
  let ledger = L.create () in
  L.enter ledger ?day:(Depot.Calendar.of_date 2024 2 29) "nut M8" 100;
  let lines = Depot.Reader.lines "12 x bolt M8 @ shelf 3\n-3 x washer @ shelf 1\n5 x bolt M8 @ shelf 4" in
  let entries = Depot.Reader.into ledger lines in
  let shelf = Depot.Shelf.of_lines lines in
  print_endline (Depot.Report.whole ledger shelf);
  print_endline (L.statement ledger);
  print_endline (string_of_int (List.length entries));
  print_endline (String.concat " " (Depot.Option.to_list (Depot.Option.map string_of_int (Depot.Numbers.of_roman "XIV"))))

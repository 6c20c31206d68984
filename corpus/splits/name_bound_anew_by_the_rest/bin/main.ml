let () =
  match Flat.option (Flat.number "41") with
  | Some n -> print_int (n + 1)
  | None -> print_string "no number"

let () =
  match Atlas.Currencies.of_code "JPY" with
  | Some yen -> print_endline (Atlas.Currencies.show yen 1200)
  | None -> print_endline "no such currency"

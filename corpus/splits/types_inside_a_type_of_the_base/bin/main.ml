let () =
  (match Net.V4.check (Net.V4.make 12) with
  | Ok t -> print_int (Net.V4.get t)
  | Error (Net.Long { size } : Net.error) -> print_int (-size)
  | Error Net.Short -> print_string "short")

let () =
  let cell = Shop.Cell.make "ab" in
  match Shop.Cell.state cell with Shop.Cell.Full -> print_int cell.Shop.Cell.value | None_of_it -> print_char '-'

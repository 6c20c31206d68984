let () =
  Shop.Ledger.add (Shop.Till.change 5 3);
  print_int (Shop.Ledger.sum ())

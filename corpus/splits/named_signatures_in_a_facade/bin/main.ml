let () =
  let s = Fac.Aa.Set.singleton (Fac.Aa.make 5) in
  print_int (Fac.Aa.Table.cardinal (Fac.Aa.Table.of_set s))

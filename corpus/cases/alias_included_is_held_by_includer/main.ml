let () =
  let module N = Wide.Sum in
  print_int (Wide.one + N.add 1)

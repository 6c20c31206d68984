let () =
  let x = Big.mk 2 in
  Big.check x;
  print_int x.b

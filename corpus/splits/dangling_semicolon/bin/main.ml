let () =
  let x = Big.mk 2 in
  Big.check x;
  Big.check_all [ x ];
  print_int x.b

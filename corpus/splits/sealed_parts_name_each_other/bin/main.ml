let () =
  let open Fac in
  let b = Bb.pair (Aa.make 1) (Aa.make 2) in
  print_int (Bb.total { b with left = Aa.make 40 })

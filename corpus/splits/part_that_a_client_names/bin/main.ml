let () = print_int (Fac.Count.to_int (Fac.Count.next Fac.Count.start))
let () = print_int (Fac_count.next 40)

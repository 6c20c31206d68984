module F (L : module type of Fac) = struct let x = L.Aa.make 1 end
let () = print_int (Fac.Aa.make 2)

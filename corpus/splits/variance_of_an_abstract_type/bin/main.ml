let e = Fac.Aa.create ()
let () = print_int (Fac.Aa.length e + Fac.Aa.length (e : int Fac.Aa.t) + Fac.Aa.length (e : string Fac.Aa.t))

module type U = S.S with module type T = B.T
module type W = S.S with module type T := B.T
module Made : W = struct module X = struct let v = 1 end end
let () = print_int Made.X.v

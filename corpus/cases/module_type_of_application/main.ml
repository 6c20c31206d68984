module type S = sig include module type of Grow.Make (struct let v = Seed.v end) end
module M : S = struct let tall = 2 end
let () = print_int M.tall

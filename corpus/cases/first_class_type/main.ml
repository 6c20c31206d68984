let run (m : (module Plug.S)) = let module M = (val m) in print_int M.size
let () = run (module struct let size = 3 end)

let program = let open Shelf.Box in Sys.argv.(0)

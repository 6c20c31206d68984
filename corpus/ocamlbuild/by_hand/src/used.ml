let show () = Printf.sprintf "%f" (Core.Beta.later ())

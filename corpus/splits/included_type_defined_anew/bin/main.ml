let () = exit (Lib.List.length (Lib.List.sort [ 3; 1 ] ~compare))

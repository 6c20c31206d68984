let () = print_int (Lazy.force (lazy (Array.length Sys.argv)))

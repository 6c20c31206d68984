let () = exit (A.Big.double (Array.length Sys.argv))

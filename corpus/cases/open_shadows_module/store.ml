let size () = 4

let get () = 1000

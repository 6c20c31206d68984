let get () = Source.start

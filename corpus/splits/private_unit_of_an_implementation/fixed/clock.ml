let now () = Source.start

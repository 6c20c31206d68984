let () = assert (Shout.loud "a" = "A")

let later () = Alpha.now () +. 1.

let name () = Filename.basename "/clock/fast"

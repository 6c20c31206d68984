let () = ignore (Shop.Row.make "one")

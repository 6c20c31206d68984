let () = Shop.Registry.add "bell"

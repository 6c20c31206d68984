let () = Shop.Registry.add "wheel"

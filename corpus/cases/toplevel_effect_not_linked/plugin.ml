let () = Registry.add "plugin"

let () = print_int (snd (Util.on_snd succ (0, 1)))

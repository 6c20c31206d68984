let () = print_int Client.M.one

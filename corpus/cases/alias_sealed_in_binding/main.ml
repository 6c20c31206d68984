let () = print_int Client.two

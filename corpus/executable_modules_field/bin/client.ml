let () = print_endline (Wire.encode "hello")

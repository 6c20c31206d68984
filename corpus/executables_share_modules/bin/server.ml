let () = print_endline (Wire.encode (string_of_int (State.next ())))

let () = print_int (Wide.Part.add 1)

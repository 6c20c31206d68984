let () = print_int (Maker.Part.add 1)

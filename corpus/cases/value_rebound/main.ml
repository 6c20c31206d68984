let () = print_int (Shelf.add 4)

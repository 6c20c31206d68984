let () = print_int (Shelf.Flat.size (Shelf.Flat.make "shelf" 4))

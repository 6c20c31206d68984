module Box = Shelf.Box

let () = assert (Shop.Stock.count () = 0)

let () = print_int (Facade.two + Facade.Parts.Sum.add 1)

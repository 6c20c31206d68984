let () = print_int (Table.Sum.add 2)

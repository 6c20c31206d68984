let report () = print_int (Tally.add 3)

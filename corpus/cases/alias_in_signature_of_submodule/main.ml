let () = print_int (Group.Sums.T.add 1)

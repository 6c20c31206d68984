open Table.Sum
let () = print_int (add 2)

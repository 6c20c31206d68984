open Grid
let () = print_int (Grid.make ()).%(1)

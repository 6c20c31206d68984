let () = print_int (Array.length Net.cells)

let () = print_int (Flat.Quick.small 1); print_int (Flat.Plugin.twice 1)

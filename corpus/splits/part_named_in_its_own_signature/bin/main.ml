let () = let t = Kit.Table.make 7 in Kit.Table.add t "row"; print_int (Kit.Table.width t)

let idle () = Hashtbl.hash (Kit.Table.total "1x1")

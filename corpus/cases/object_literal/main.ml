let () = print_int (object method n = 3 end)#n

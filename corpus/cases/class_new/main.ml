let () = print_int (new Counter.counter)#next

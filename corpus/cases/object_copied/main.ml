let () = print_int (new Dial.t)#turn#n

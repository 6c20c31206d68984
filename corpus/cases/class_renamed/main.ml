class mine = Counter.counter
let () = print_int (new mine)#next

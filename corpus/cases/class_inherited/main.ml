class twice = object (self) inherit Counter.counter method two = self#next + self#next end
let () = print_int (new twice)#two

class twice = object inherit Made.counter as super method twice = super#next + super#next end
let () = print_int (new twice)#twice

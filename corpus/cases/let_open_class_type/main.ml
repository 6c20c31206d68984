class type counter = let open B in object method count : t end
let of_int n : counter = object method count = n end
let () = print_int (of_int 2)#count

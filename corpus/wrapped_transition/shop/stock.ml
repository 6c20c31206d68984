let shelves = Array.make 8 0
let report () = Array.iter print_int shelves

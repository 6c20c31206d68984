open Shop
let () = Bill.print [ 1; 2 ]

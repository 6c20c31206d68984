module P = Shop.Numbers.Adding
let () = print_int (P.all [ 1; 2 ])

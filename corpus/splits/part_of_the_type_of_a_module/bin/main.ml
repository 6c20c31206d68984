open Vec

let () = print_int (Rows.length (Rows.map succ [ 1; 2 ]) + Seq.of_int 3)
let () = Stdlib.Seq.iter print_int (Rows.to_seq (Rows.rev [ 4; 5 ]))
let twice : 'a List.t -> 'a Rows.t = fun l -> Rows.append l l
let () = print_int (Rows.length (twice [ 6 ]))

open Shop

let level = function Stock.Small -> 0 | Stock.Large level -> level
let one = Stock.make 5
let () = print_int (level (Stock.kind one))
let () = print_endline (String.concat "," (Stock.all (one, Stock.make 7)))
let () = try ignore (Stock.kind (Stock.make 10)) with Stock.Gone kind -> print_int (level kind)
let () = print_string (string_of_bool (Stock.same one one))
let () = print_int (match Stock.row one with { at = Stock.Shelf n; _ } -> n | _ -> 0)

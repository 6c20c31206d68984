let first = List.fold_left (fun found x -> if found = None then Some x else found) None
let is_there list = first list <> Some ""

let table n = Array.init n (fun i -> Printf.sprintf "%d:%s" i (String.make i 'x'))
let show_all n = Array.iter print_endline (table n)
let sum n = Array.fold_left (fun acc s -> acc + String.length s) 0 (table n)

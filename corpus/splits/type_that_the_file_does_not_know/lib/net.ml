let cells = [||]

let table n = Array.init n (fun i -> List.init i (fun j -> Printf.sprintf "%d:%s" i (String.make j 'x')))
let show_all n = Array.iter (List.iter print_endline) (table n)

include Low

let first = level

include High

let second = level + String.length name
let table n = Array.init n (fun i -> Printf.sprintf "%d:%s" i (String.make i 'x'))
let show_all n = Array.iter print_endline (table n)
let sum n = Array.fold_left (fun acc s -> acc + String.length s) 0 (table n)

type t = { name : string; size : int }

let make name size = { name; size }
let size t = t.size

let table n = Array.init n (fun i -> Printf.sprintf "%d:%s" i (String.make i 'x'))
let show_all n = Array.iter print_endline (table n)

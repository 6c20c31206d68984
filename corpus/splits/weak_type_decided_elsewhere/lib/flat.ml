let tbl = Hashtbl.create 7
let size () = Hashtbl.length tbl
let remember (k : string) (v : int) = Hashtbl.replace tbl k v

let table n = Array.init n (fun i -> Printf.sprintf "%d:%s" i (String.make i 'x'))
let show_all n = Array.iter print_endline (table n)
let sum n = Array.fold_left (fun acc s -> acc + String.length s) 0 (table n)

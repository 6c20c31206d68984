{ let small x = x + 1

let table n = Array.init n (fun i -> Printf.sprintf "%d:%s" i (String.make i 'x'))
let show_all n = Array.iter print_endline (table n)
let sum n = Array.fold_left (fun acc s -> acc + String.length s) 0 (table n)
 }
rule token = parse ['a'-'z']+ { 1 } | eof { 0 }

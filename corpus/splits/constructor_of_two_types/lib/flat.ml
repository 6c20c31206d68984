type first = A | B of second
and second = A | C of first

let number = function C _ -> 2 | (A : second) -> 1
let least () = A
let depth : first -> int = function A -> 0 | B _ -> 1
let deepest () = depth (least ())

let table n = Array.init n (fun i -> Printf.sprintf "%d:%s" i (String.make i 'x'))
let show_all n = Array.iter print_endline (table n)
let sum n = Array.fold_left (fun acc s -> acc + String.length s) 0 (table n)

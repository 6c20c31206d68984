type item = A | B of string

let item x = x + 1
let show = function A -> Printf.sprintf "%d %s" 3 (String.make 3 'x') | B s -> s
let read s = Scanf.sscanf s "%s" (fun x -> B x)

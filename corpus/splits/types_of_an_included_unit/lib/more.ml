include Base

let id x = x
let show x = Printf.sprintf "%d %s" x (String.make x 'x')
let read s = Scanf.sscanf s "%d" (fun x -> x)

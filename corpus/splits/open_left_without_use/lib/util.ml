open Scanf
open Seq

let count s = fold_left (fun n _ -> n + 1) 0 s
let show x = Printf.sprintf "%d %s" x (String.make x 'x')
let read s = sscanf s "%d" (fun x -> x)

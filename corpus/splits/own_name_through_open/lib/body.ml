open Outer

type t = [ `Plain of Body.t | `Stream of int list ]

let of_string s : t = `Plain (Body.of_string s)

let length : t -> int = function
  | `Plain body -> Body.length body
  | `Stream parts -> List.fold_left ( + ) 0 parts

let lines body = Array.init (length body) (fun i -> Printf.sprintf "%d:%s" i (String.make i 'x'))
let show body = Array.iter print_endline (lines body)

open Sexplib0.Sexp_conv

type t = { name : string; size : int } [@@deriving sexp]

let make name size = { name; size }
let size t = t.size

let table n = Array.init n (fun i -> Printf.sprintf "%d:%s" i (String.make i 'x'))
let show_all n = Array.iter print_endline (table n)
let print t = print_endline (Sexplib0.Sexp.to_string (sexp_of_t t))

open Sexplib0.Sexp_conv

type t = { n : int; name : string } [@@deriving sexp_of]

let make n = { n; name = "row" }
let show t = Scanf.sscanf t.name "%s" (fun s -> Printf.sprintf "%d:%s" t.n s)

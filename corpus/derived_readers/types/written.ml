open Sexplib0.Sexp_conv
type t = { name : string; size : int } [@@deriving sexp_of]

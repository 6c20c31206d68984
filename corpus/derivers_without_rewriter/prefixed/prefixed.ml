open Sexplib0.Sexp_conv

type t = int list [@@deriving sexp]

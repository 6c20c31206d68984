open Sexplib0.Sexp_conv
type t = Leaf of int | Node of children
and children = t list [@@deriving of_sexp]

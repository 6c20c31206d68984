open Sexplib0.Sexp_conv
type t = int * string [@@deriving of_sexp]

type t = Red | Green [@@deriving sexp_of]

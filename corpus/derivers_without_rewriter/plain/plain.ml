type t = { p : Prefixed.t; n : int } [@@deriving sexp, compare]

let show { n; _ } = string_of_int n

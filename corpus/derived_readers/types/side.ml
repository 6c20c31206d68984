type t = [ `Left | `Right ] [@@deriving of_sexp]

(* packages: ppx_deriving.show,ppx_deriving.eq,ppx_deriving.ord *)
type shown = { a : int Lazy.t; b : string } [@@deriving show]
type listed = L of int lazy_t list [@@deriving show]
type equal = { c : string lazy_t } [@@deriving eq]
type ordered = O of int Lazy.t * bool [@@deriving ord]

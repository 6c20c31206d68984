(* packages: ppx_sexp_conv ppx_compare ppx_hash base *)
open Base
type u = int [@@deriving sexp, compare, hash, equal]
type v = string [@@deriving sexp, compare, hash, equal]
type fields = { a : u [@compare.ignore] [@hash.ignore]; b : v list [@hash.no_hashing]; c : u } [@@deriving compare, hash]
type parts = A of (u[@compare.ignore] [@hash.ignore]) * v | B of (v[@hash.ignore] [@compare.ignore]) list
[@@deriving compare, hash]
type opaque = { f : (u -> v[@sexp.opaque]); g : u } [@@deriving sexp_of]
type opaque_part = O of (u[@sexp.opaque]) * v [@@deriving sexp]
type opaque_whole = (u -> v) [@sexp.opaque] [@@deriving sexp]
type arrows = (u -> v) list [@@deriving sexp_of]
type outer = { o : u option [@sexp.option]; p : bool [@sexp.bool]; q : v option } [@@deriving sexp]
type only_outer = { r : u option [@sexp.option]; s : bool [@sexp.bool] } [@@deriving sexp]
type ignored = { t : u [@equal.ignore]; u : v } [@@deriving equal]

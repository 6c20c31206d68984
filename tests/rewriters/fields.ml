(* packages: ppx_fields_conv fieldslib *)
type re = { a : int; mutable b : string } [@@deriving fields]
type t = { c : int; d : string } [@@deriving fields]

(* packages: ppx_deriving.show ppx_deriving.eq ppx_deriving.ord ppx_deriving.make *)
let print formatter _ = Stdlib.Format.pp_print_string formatter "_"
let same a b = Stdlib.Int.equal a b
let order a b = Stdlib.Int.compare a b
let eight = 8
type r = {
  a : int; [@printer print] [@equal same] [@compare order] [@default eight]
  b : int list; [@opaque]
  c : string
}
[@@deriving show, eq, ord, make]

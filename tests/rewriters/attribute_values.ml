(* packages: ppx_sexp_conv ppx_compare base *)
open Base
let three = 3
let is_three = Int.equal 3
let same a b = Int.equal a b
module Made = struct let one () = 1 end
type r = {
  a : int; [@default three]
  b : int; [@default Made.one ()] [@sexp_drop_default same]
  c : int; [@sexp_drop_if is_three]
  d : int list; [@sexp.default List.filter ~f:is_three [ three ]]
  e : int [@compare.ignore]
}
[@@deriving sexp, compare]
type not_taken = { f : int [@default three] } [@@deriving compare]
type only_read = { g : int; [@default three] } [@@deriving of_sexp]

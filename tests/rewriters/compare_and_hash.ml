(* packages: ppx_compare ppx_hash base *)
let hash_fold_int = Base.Hash.Builtin.hash_fold_int let hash_fold_string = Base.Hash.Builtin.hash_fold_string let hash_fold_list = Base.Hash.Builtin.hash_fold_list
let hash_int = Base.Hash.Builtin.hash_int let hash_string = Base.Hash.Builtin.hash_string
open Ppx_compare_lib.Builtin
type const = A | B [@@deriving compare, equal, hash]
type one = C of int [@@deriving compare, equal, hash]
type mix = E | F of int * string [@@deriving compare, equal, hash]
type inl = G of { x : int; y : string } [@@deriving compare, equal, hash]
type re = { a : int; b : string list } [@@deriving compare, equal, hash]
type re1 = { a1 : int } [@@deriving compare, equal, hash]
type tup = int * string [@@deriving compare, equal, hash]
type pc = [ `A | `B ] [@@deriving compare, equal, hash]
type pv1 = [ `A of int ] [@@deriving compare, equal, hash]
type inh = [ pc | `Z ] [@@deriving compare, equal]
type al = int [@@deriving compare, equal, hash]
type al2 = int list [@@deriving compare, equal, hash]
type 'a par = P of 'a [@@deriving compare, equal, hash]
type rec1 = N | R of rec1 [@@deriving compare, equal, hash]
type t = T of int [@@deriving compare, equal, hash]
type ign = { i : int [@compare.ignore] [@equal.ignore] [@hash.ignore]; j : int } [@@deriving compare, equal, hash]

(* packages: ppx_bin_prot bin_prot *)
open Bin_prot.Std
type c = A | B [@@deriving bin_io]
type o = C of int [@@deriving bin_io]
type m = E | F of int * string [@@deriving bin_io]
type i = G of { x : int } [@@deriving bin_io]
type r = { a : int; b : string list } [@@deriving bin_io]
type tu = int * string [@@deriving bin_io]
type p = [ `A | `B of int ] [@@deriving bin_io]
type al = int [@@deriving bin_io]
type 'a pa = P of 'a [@@deriving bin_io]
type re = N | R of re [@@deriving bin_io]

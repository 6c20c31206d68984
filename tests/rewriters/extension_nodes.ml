(* packages: ppx_sexp_conv ppx_compare ppx_hash base *)
open Base
let write = [%sexp_of: int list]
let read = [%of_sexp: string option]
let order = [%compare: int * string]
let same = [%equal: int list]
let hash = [%hash: int]
let fold = [%hash_fold: int * string]

open Vec

let () = print_int (Ops.id 2)

open Ops.Types

let f (x : t) = x

open! Ops.Names [@@warning "-33"]

let () = print_int (f (Ops.id 3))

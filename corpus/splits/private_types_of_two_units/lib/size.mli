type t = private int
(** Not below zero. *)

type 'a many = private 'a list
type row = private [> `A ]

val make : int -> t
val many : 'a -> 'a many
val row : row
val show : int -> string
val read : string -> t

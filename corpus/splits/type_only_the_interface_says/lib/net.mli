type color = Red | Green

type ('a, 'phase) schema

val read : ('a, 'phase) schema -> 'a -> int

(** What a color is. *)
val colors : (color, unit) schema

val next : color -> color
val plain : int
val names : string list
val cells : (string * color) option array

module Sub : sig
  type t = color list
end

val lists : (Sub.t, (* of the first phase *)
             unit)
    schema

val table : int -> string list array
val show_all : int -> unit

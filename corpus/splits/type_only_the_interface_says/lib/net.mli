type color = Red | Green
type other = color

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

module Sources : sig
  val any : other Source.t
  val cells : color array
end

val table : int -> string list array
val show_all : int -> unit

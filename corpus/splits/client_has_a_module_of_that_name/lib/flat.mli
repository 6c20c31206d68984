(** {1 Numbers} *)

type t
(** A number with a name. *)

val make : int -> string -> t
val get : t -> int
(** Its value. *)

val name : t -> string

(** {1 Output} *)

val print : t -> unit
val table : int -> string array
val show_all : int -> unit
val sum : int -> int

(** What came in and what went out. *)

type entry = { article : string; amount : int; day : Calendar.t option; note : string }
type t

val create : unit -> t
val total : t -> string -> int

val enter : t -> ?day:Calendar.t -> ?note:string -> string -> int -> unit
(** @raise Journal.Refused when more is taken than there is. *)

val articles : t -> string list
val entries : t -> entry list
val statement : t -> string
val check : t -> bool

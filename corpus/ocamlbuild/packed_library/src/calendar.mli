(** Days by their number since 1970. *)

type t

type weekday = Monday | Tuesday | Wednesday | Thursday | Friday | Saturday | Sunday

val of_date : int -> int -> int -> t option
val to_date : t -> int * int * int
val weekday : t -> weekday
val add : t -> int -> t
val distance : t -> t -> int
val easter : int -> t
val week : t -> int
(** The week of the year, as ISO 8601 counts. *)

val to_string : t -> string
val year_spelled : t -> string

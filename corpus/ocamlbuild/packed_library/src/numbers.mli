(** Integers as people read and write them. *)

val of_roman : string -> int option
(** [of_roman "XIV"] is [Some 14]. *)

val to_roman : int -> string
(** @raise Invalid_argument below 1 and above 3999. *)

val spelled : int -> string
(** [spelled 21] is ["twenty-one"]. *)

val gcd : int -> int -> int
val digits : ?base:int -> int -> int list
val checksum : int list -> int

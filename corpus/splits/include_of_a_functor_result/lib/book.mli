module Log (_ : sig
  val label : string
end) : sig
  val warn : string -> unit
  val line : string -> string
end

module Pages : sig
  type t

  val make : string -> t
  val add : t -> string -> unit
  val print : t -> unit
end

module Index : sig
  type t

  val make : unit -> t
  val add : t -> string -> int -> unit
  val print : t -> unit
end

val double_entry : int -> int * int

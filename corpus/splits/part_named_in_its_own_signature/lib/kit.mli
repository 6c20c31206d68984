module Table : sig
  type t = Kit_table.t

  val make : int -> t
  val add : t -> string -> unit
  val width : Kit_table.t -> int
end

module Chart : sig
  val show_all : int -> unit
  val sum : int -> int
end

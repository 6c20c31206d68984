module Count : sig
  type t

  val start : t
  val next : t -> t
  val to_int : t -> int
end

module Show : sig
  type t

  val make : string -> t
  val show : t -> string
end

module OID : sig
  type t

  val make : int -> int -> t
  val append : t -> int -> t
  val to_list : t -> int list
end

type oid = OID.t

module S : sig
  val show : oid -> string
  val parse : string -> oid
end

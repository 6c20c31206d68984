module Price : sig
  type t = int
  val total : t list -> t
end

module Stock : sig
  val report : unit -> unit
end

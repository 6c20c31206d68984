module Sum : sig
  val add : int -> int
end

module Form : sig
  type t = Shape.t
end

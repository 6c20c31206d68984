module Sum = Tally

module Form : sig
  type t = Shape.t
  val area : t -> int
end

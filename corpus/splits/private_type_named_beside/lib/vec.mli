module A : sig
  type t
  type p = private int

  val mk : int -> p
  val t : t
end

module B : sig
  type u = A.p list

  val show : u -> string
  val read : string -> A.p
end

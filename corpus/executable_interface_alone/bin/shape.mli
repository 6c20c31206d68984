type t = { width : int; height : int; unit : Unit_of.t }

module type S = sig
  val area : t -> int
end

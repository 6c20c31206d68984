type tree = [ `Leaf of int | `Node of tree list ]

module Show : sig
  val tree : tree -> string
end

module Get : sig
  val sum : tree -> int
end

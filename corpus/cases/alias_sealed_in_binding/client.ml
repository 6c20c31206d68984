module X : sig
  val add : int -> int
end =
  Table.Sum

let two = X.add 2

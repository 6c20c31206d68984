module Ledger : sig
  val add : int -> unit
  val sum : unit -> int
end

module Till : sig
  val change : int -> int -> int
  val is_enough : int -> int -> bool
end

module Report : sig
  type +'a cell

  val cell : 'a -> 'a cell
  val line : string -> int -> string
  val all : (string * int) list -> string
end

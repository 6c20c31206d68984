module Aa : sig
  val make : int -> int
end

module Bb : sig
  val show_all : int -> unit
  val sum : int -> int
  val table : int -> string array
end

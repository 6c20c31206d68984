module Aa : Map.S with type key = int
module Bb : sig val show_all : int -> unit end

module Aa : S.PARSER
module Bb : sig val show_all : int -> unit end

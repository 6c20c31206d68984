open Types

type str = string loc
type loc = int

val default : loc ref

module Exp : sig
  val mk : ?loc:loc -> string -> str
  val show : str -> string
  val show_all : str list -> string list
  val table : str list -> string
  val widths : str list -> int list
end

module Pat : sig
  val mk : ?loc:loc -> string -> str
  val show : str -> string
  val show_all : str list -> string list
  val table : str list -> string
  val widths : str list -> int list
end

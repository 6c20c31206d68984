type 'a located = 'a * int
type name = string located

module Show : sig
  val one : name -> string
  val all : name list -> string
end

module Get : sig
  val text : name -> string
  val place : 'a located -> int
end

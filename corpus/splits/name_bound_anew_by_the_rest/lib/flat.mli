type 'a state = Done of 'a | Fail of string

val option : 'a state -> 'a option
val number : string -> int state

module Mode : sig
  type t = Quiet | Loud
end

val run : mode:Mode.t -> (string -> 'a) -> string -> 'a state
val show_all : int array list -> unit

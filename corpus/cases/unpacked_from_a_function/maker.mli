module type S = sig
  type t
  val length : string -> int
  module Sub : sig val rev : 'a -> 'a end
end
val make : int -> (module S)
val plain : (module S with type t = int)

module Key : sig
  type _ t = Int : int t | Pair : 'a t * 'b t -> ('a * 'b) t
  type packed = Packed : _ t -> packed

  val size : _ t -> int
end

module Big : sig
  val show_all : int -> unit
  val depth : Key.packed -> int
end

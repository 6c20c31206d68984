module rec M : sig module F : functor (X : sig end) -> sig val f : int -> int end end = struct module F (X : sig end) = struct let f x = x end end

module type S = sig type t val f : t end
module rec M : S with type t = int -> int = struct type t = int -> int let f x = N.g x end
and N : sig val g : int -> int end = struct let g x = if x = 0 then 0 else M.f (x - 1) end

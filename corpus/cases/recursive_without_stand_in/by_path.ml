module rec M : sig val f : int -> int end = Table.Y
and N : sig val g : int -> int end = struct let g x = M.f x end

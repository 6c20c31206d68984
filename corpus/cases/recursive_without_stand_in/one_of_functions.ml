module rec M : sig val v : int end = struct let v = 3 end
and N : sig val g : int -> int end = struct let g x = x + M.v end

module Make (_ : sig val mm : int end) = struct let cover = 8 end

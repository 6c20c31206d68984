module rec M : sig val f : (int -> int) * int end = struct let f = ((fun x -> x), 3) end

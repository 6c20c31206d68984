module rec M : sig exception E val f : int -> int end = struct exception E let f x = x end

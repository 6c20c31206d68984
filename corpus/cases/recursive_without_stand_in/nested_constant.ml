module rec N : sig module A : sig val f : int -> int val v : string end end = struct module A = struct let f x = x let v = "" end end

module rec M : sig module A : sig val f : int -> int end end = struct module A = struct let f x = x end end
and N : sig module A : sig val f : int -> int val v : string end end = struct module A = struct let f = M.A.f let v = "" end end

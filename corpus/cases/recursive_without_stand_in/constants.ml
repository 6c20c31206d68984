module rec M : sig val v : int end = struct let v = N.w + 1 end
and N : sig type t val w : int val x : t option end = struct type t = int let w = 3 let x = None end
let v = M.v

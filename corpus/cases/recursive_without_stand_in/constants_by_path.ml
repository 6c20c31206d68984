module rec M : sig val v : int end = Table.X
let v = M.v

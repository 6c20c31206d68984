module type S = sig type t val empty : t val add : int -> t -> t end
module rec M : S = struct type t = int list let empty = [] let add x xs = x :: xs end
and N : sig include S val more : (t) end = struct type t = int list let empty = ignore (M.add 1 M.empty); [] let add x xs = x :: xs let more = empty end

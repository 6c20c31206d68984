module Box (X : sig type t end) = struct type t = X.t list let empty : t = [] end

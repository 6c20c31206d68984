module Sized (X : sig val max : int end) : sig type t = private int val twice : t end = struct
  type t = int
  let twice = Tally.add X.max
end

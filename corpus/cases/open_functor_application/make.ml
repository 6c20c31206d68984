module Sized (X : sig val max : int end) = struct let twice = 2 * X.max end

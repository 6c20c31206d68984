module Sized (X : sig val max : int end) = struct
  let twice = 2 * X.max
  module Inner = struct let thrice = 3 * X.max end
end

let width = 2

module Lid (_ : sig end) = struct let width = 3 end

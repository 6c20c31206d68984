module type S = sig type t val one : t end
module Metre = struct type t = int let one = 1 end

module H (X : sig val v0 : int end) = struct
  module N = Part
  module P = N
end

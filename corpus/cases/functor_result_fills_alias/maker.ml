module Make (X : sig end) = struct
  module Sum = Tally
end

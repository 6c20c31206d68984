module type S = sig
  include Map.S

  val size : 'a t -> int
end

module Make (Key : Map.OrderedType) = struct
  include Map.Make (Key)

  let size = cardinal
end

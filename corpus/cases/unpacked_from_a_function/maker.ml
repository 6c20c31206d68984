module type S = sig
  type t
  val length : string -> int
  module Sub : sig val rev : 'a -> 'a end
end
module One = struct
  type t = int
  let length = String.length
  module Sub = struct let rev x = x end
end
let make n = if n > 0 then (module One : S) else raise Not_found
let plain = (module One : S with type t = int)

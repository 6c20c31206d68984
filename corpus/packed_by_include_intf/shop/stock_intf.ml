module type Arg = sig type t val size : int end
module type S = sig type t val count : unit -> int end
module type Intf = sig
  module type Arg = Arg
  module type S = S
  module Make (X : Arg) : S with type t = X.t
end
let internal = "not for users"

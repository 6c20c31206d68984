open Stock_intf
module type Arg = Arg
module type S = S
module Make (X : Arg) = struct
  type t = X.t
  let count () = Price.unit * X.size
end

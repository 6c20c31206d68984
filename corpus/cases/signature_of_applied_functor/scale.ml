module type Unit = sig
  type t

  val one : t
end

module Signature (From : Unit) (To : Unit) = struct
  module type T = sig
    module From : Unit

    val convert : From.t -> To.t
    val name : string
  end
end

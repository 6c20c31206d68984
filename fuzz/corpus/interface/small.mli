(** Doc *)
type t = private int [@@deriving show]
val f : (module S with type t = t) -> < m : int; .. > -> [ `A | `B of t ]
module M : sig include module type of struct include N end module X = Y.Z end
module F : functor (X : S) -> T with module A = B and type X.t = int
exception E of string open A.B class c : int -> object method m : unit end

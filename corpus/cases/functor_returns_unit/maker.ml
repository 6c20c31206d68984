module Make (X : sig end) = Held

module Make (X : sig end) : sig
  module Sum : sig
    val add : int -> int
  end
end

module type BODY = sig
  type t

  val is_empty : t -> bool
  val show : t -> string
end

module type ROW = sig
  type key
  type t

  val make : key -> t
  val show : t -> string
end

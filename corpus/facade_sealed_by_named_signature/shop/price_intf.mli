module type S = sig
  val total : int list -> int
end

module type ROW = sig
  type level = int

  val show : level -> string
end

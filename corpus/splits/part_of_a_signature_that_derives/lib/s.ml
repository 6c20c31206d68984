open Sexplib0.Sexp_conv

module type ROW = sig
  type t = { n : int; name : string } [@@deriving sexp_of]

  val make : int -> t
  val show : t -> string
end

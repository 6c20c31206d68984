module type PAGE = sig
  type page = Text | Boxes of box list

  and box = Boxed of page

  val depth : page -> int
  val show : page -> string
end

module type PARSER = sig
  type +'a t

  val fail : string -> 'a t
  val run : 'a t -> ('a, string) result
end

include module type of struct
  include ListLabels
end

type 'a t = 'a list

val is_empty : _ t -> bool

val filter_map : 'a t -> f:('a -> 'b option) -> 'b t

val sort : 'a t -> compare:('a -> 'a -> int) -> 'a t

val show0 : int t -> string

val show1 : int t -> string

val show2 : int t -> string

val show3 : int t -> string

val show4 : int t -> string

val show5 : int t -> string

val show6 : int t -> string

val show7 : int t -> string

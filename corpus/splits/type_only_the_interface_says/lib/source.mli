type +'a t
type other

val make : unit -> 'a t
val get : 'a t -> 'a list

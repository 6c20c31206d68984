type t = { name : string; value : int }
type state = Full | None_of_it

val make : string -> t
val state : t -> state

type row = { cells : t list; value : int }
type rows = Some_of_it of row | None_of_it

val row : t list -> row
val rows : t list -> rows
val show : row -> string

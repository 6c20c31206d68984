val hours : unit -> int
val minutes : unit -> int
module Zone : sig val name : unit -> string end

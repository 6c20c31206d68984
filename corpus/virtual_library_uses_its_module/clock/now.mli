val get : unit -> int

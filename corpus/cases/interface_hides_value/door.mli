val open_ : unit -> int

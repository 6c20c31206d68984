val now : unit -> int

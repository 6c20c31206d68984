val digest : string -> int -> int -> string

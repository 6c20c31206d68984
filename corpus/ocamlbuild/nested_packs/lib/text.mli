val shout : string -> string

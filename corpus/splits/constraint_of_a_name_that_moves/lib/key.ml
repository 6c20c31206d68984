type t = string

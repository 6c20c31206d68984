type t = ..

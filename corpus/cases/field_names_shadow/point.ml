type t = { x : int; y : int }

module type S = module type of (Hall.Box : sig val width : int end)

module type S = sig val area : int end

module type S = sig val name : string end

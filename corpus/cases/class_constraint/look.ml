class type t = object method legs : int end

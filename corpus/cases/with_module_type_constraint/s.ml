module type S = sig module type T module X : T end

module type S = sig val step : int end
let go (module M : S) n = n + M.step

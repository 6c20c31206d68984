module Flat_core = struct let y = 4 end
let z = Flat_core.y + Flat_core2.x

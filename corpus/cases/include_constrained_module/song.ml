let verse = 1
let chorus = 2
module Tune = struct let key = 3 end

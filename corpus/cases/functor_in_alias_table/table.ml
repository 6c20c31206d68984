module Maker = Make
module Bound = Limit

module Sums : sig module T = Tally end = struct module T = Tally end
let unused = 3

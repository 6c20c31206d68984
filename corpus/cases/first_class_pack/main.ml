module type S = sig val add : int -> int end
let all = [ (module Tally : S) ]
let () = print_int (List.length all)

type item = { name : string; price : int }
module type PRICED = sig val price : int end

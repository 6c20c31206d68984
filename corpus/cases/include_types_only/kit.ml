module Types = struct type t = int end
let other = 1

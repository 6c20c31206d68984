type t = Empty | String of string

let of_string s = if s = "" then Empty else String s
let length = function Empty -> 0 | String s -> String.length s

type event = ..
type event += Start of int

let is_start = function Start _ -> true | _ -> false
let trace _ = ""

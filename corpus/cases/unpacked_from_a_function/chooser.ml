type _ kind = Small : int kind | Large : string kind
module type S = sig val concat : int end
module Small = struct let concat = 1 end
module Large = struct let concat = 2 end
let choose : type k. k kind -> (module S) = function
  | Small -> (module Small)
  | Large -> (module Large)
let ends_with = function 0 -> (module Small : S) | _ -> (module Large)
let typed n = (if n = 0 then (module Small) else (module Large) : (module S))

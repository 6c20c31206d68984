type t = [ `Empty | `Text of string | `Lines of line list ]

and line = string

let is_empty = function `Empty -> true | `Text "" -> true | `Text _ -> false | `Lines l -> l = []
let length = function `Empty -> 0 | `Text s -> String.length s | `Lines l -> List.length l

let show : t -> string = function
  | `Empty -> ""
  | `Text s -> Printf.sprintf "%S" s
  | `Lines l -> Scanf.sscanf (String.concat "" l) "%s" (fun s -> s)

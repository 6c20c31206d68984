include List

let show l = Printf.sprintf "%d %s" (length l) (String.concat "," (map string_of_int l))
let sort_uniq cmp l = print_endline (show []); sort_uniq cmp l

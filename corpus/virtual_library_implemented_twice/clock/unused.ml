let length = Printf.sprintf "%d"

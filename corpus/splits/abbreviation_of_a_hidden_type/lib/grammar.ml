let show oid = String.concat "." (List.map string_of_int (Oid.to_list oid))
let parse text = List.map int_of_string (String.split_on_char '.' text)
let table n = Array.init n (fun i -> Printf.sprintf "%d:%s" i (String.make i 'x'))

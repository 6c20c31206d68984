open Shop

let () = print_string (string_of_bool (Row.is_start (Row.Start 1)))

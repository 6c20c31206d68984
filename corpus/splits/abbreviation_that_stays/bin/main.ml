let () = print_string (string_of_bool (Shop.Body.is_empty (`Lines [ "a" ])))
let () = print_int (Shop.Body.length `Empty)

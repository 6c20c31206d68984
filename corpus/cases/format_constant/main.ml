let template : (int -> string, unit, string) format = "%d items"
let () = print_endline (string_of_format template)

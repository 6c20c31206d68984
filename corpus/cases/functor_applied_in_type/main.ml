let none : Make.Box(Limit).t option = None
let () = print_endline (if none = None then "none" else "some")

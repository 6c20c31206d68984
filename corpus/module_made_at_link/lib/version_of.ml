let libraries () = List.map fst Version_data.statically_linked_libraries
let title = "versions"

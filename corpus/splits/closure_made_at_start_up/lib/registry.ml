let table : (string, int) Hashtbl.t = Hashtbl.create 7
let add = Hashtbl.replace table
let find default name = Option.value (Hashtbl.find_opt table name) ~default

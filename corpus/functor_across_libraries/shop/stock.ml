module Items = Map.Make (String)
module Names = Set.Make (Name)
let tags : (string, int) Hashtbl.t = Hashtbl.create 3

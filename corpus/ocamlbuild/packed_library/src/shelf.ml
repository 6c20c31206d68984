(* Which article lies where. *)

module Names = Map.Make (String)

module Places = Set.Make (struct
  type t = int

  let compare : int -> int -> int = compare
end)

type t = Places.t Names.t

let empty : t = Names.empty
let places t article = Option.value Places.empty (Names.find_opt article t)
let put t article place = Names.add article (Places.add place (places t article)) t

let take t article place =
  let left = Places.remove place (places t article) in
  if Places.is_empty left then Names.remove article t else Names.add article left t

let articles t = List.map fst (Names.bindings t)

let free t n =
  let used = Names.fold (fun _ places all -> Places.union places all) t Places.empty in
  let rec first i found =
    if List.length found = n then List.rev found
    else first (i + 1) (if Places.mem i used then found else i :: found)
  in
  first 1 []

let of_lines lines =
  List.fold_left (fun t { Reader.article; shelf; _ } -> put t article shelf) empty lines

type t = Stop | Left of t | Right of t
type position = t

let stop = Stop
let left p = Left p
let compare = Stdlib.compare

module Map = struct
  include Maps.Make (struct
    type t = position

    let compare = compare
  end)

  let prune m = filter (fun key _ -> key <> Stop) m
  let show m = iter (fun _ v -> Printf.printf "%d of %d" v (size m)) m
  let show_keys m = iter (fun key _ -> Printf.printf "%d of %d" (Hashtbl.hash key) (size m)) m
  let show_pairs m = iter (fun key v -> Printf.printf "%d to %d of %d" (Hashtbl.hash key) v (size m)) m
  let show_all l = List.iter (fun m -> Printf.printf "%d" (size m); show m; show_keys m; show_pairs m) l
  let widths m = List.map (fun (key, v) -> String.length (Printf.sprintf "%d %d" (Hashtbl.hash key) v)) (bindings m)
  let width m = List.fold_left max 0 (widths m)
  let spaces m = List.map (fun n -> String.make (width m - n) ' ') (widths m)
  let table m = String.concat "\n" (List.map2 (fun space (_, v) -> Printf.sprintf "%s%d" space v) (spaces m) (bindings m))
  let show_table m = Printf.printf "%s\n%d\n" (table m) (size m)
  let of_list l = List.fold_left (fun m (key, v) -> add key v m) empty l
end

module Build = struct
  type t = Empty | Of of position

  let empty = Empty
  let of_pos p = Of p
  let rec depth_of = function Stop -> 0 | Left p | Right p -> 1 + depth_of p
  let depth = function Empty -> 0 | Of p -> depth_of p
end

(* Options, with what the standard library had not when this was written. *)

let value default = function Some x -> x | None -> default
let map f = function Some x -> Some (f x) | None -> None
let bind x f = match x with Some x -> f x | None -> None

let rec first f = function
  | [] -> None
  | x :: rest -> ( match f x with Some _ as found -> found | None -> first f rest)

let rec all = function
  | [] -> Some []
  | Some x :: rest -> map (fun rest -> x :: rest) (all rest)
  | None :: _ -> None

let to_list = function Some x -> [ x ] | None -> []

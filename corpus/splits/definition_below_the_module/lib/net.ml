(* Shared by both. *)
let base x = max x 0

module V4 = struct
  type t = int
  let make x = base x
  let get x = x
  let text x = string_of_int x
  let rec fold f acc n = if n = 0 then acc else fold f (f acc n) (n - 1)
  let hidden = 12
end

module V6 = struct
  type t = V4.t * V4.t
  let make a b = (V4.make a, V4.make b)
  let get (a, b) = V4.get a + V4.get b
  let text (a, b) = Printf.sprintf "%s:%s" (V4.text a) (V4.text b)
  let all n = List.init n (fun i -> text (make i (i + 1)))
end

(* From here on, the smaller one. *)
let max a b = if a > b then b else a
let least a b = V4.get (max (V4.make a) (V4.make b))
let table n = Array.init n (fun i -> V6.all (max i n) @ [ string_of_int V4.hidden ])

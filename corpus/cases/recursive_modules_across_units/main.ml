module rec Tree : sig type t = Leaf of Shape.t | Node of Forest.t val size : t -> int end = struct
  type t = Leaf of Shape.t | Node of Forest.t
  let size = function Leaf _ -> 1 | Node f -> Forest.size f
end
and Forest : sig type t = Tree.t list val size : t -> int end = struct
  type t = Tree.t list
  let size trees = List.fold_left (fun n t -> Tally.add (n + Tree.size t)) 0 trees
end
let () = print_int (Tree.size (Tree.Node [ Tree.Leaf Shape.Dot ]))

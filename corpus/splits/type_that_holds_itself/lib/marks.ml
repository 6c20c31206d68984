type tree = [ `Leaf of int | `Node of tree list ]

module Show = struct
  let rec one = function
    | `Leaf n -> Printf.sprintf "%d" n
    | `Node trees -> Printf.sprintf "(%s)" (String.concat " " (List.map one trees))

  let tree (tree : tree) = one tree
end

module Get = struct
  let rec sum : tree -> int = function
    | `Leaf n -> n
    | `Node trees -> add trees

  and add = function [] -> 0 | tree :: trees -> sum tree + add trees
end

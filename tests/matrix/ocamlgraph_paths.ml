(* packages: ocamlgraph *)
(* Shortest paths and a topological order. *)

module G = Graph.Imperative.Digraph.ConcreteLabeled
    (struct
      type t = string
      let compare = compare
      let hash = Hashtbl.hash
      let equal = ( = )
    end)
    (struct
      type t = int
      let compare = compare
      let default = 1
    end)

module Weight = struct
  type edge = G.E.t
  type t = int
  let weight = G.E.label
  let compare = compare
  let add = ( + )
  let zero = 0
end

module Shortest = Graph.Path.Dijkstra (G) (Weight)
module Order = Graph.Topological.Make (G)

let () =
  let graph = G.create () in
  List.iter
    (fun (a, n, b) -> G.add_edge_e graph (G.E.create a n b))
    [ ("home", 3, "shop"); ("shop", 1, "work"); ("home", 9, "work") ];
  let path, length = Shortest.shortest_path graph "home" "work" in
  Printf.printf "%d steps, %d long\n" (List.length path) length;
  Order.iter print_endline graph

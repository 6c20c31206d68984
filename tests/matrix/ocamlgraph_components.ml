(* packages: ocamlgraph *)
(* Strongly connected components of a persistent graph. *)

module G = Graph.Persistent.Digraph.Concrete (struct
  type t = int
  let compare = compare
  let hash = Hashtbl.hash
  let equal = ( = )
end)

module Components = Graph.Components.Make (G)

let () =
  let graph = List.fold_left (fun g (a, b) -> G.add_edge g a b) G.empty [ (1, 2); (2, 1); (2, 3) ] in
  List.iter (fun part -> print_endline (String.concat " " (List.map string_of_int part))) (Components.scc_list graph)

(* packages: fmt *)
(* Pretty prints a list of pairs. *)

let row = Fmt.(pair ~sep:(any ": ") string (list ~sep:comma int))
let () = Fmt.pr "@[<v>%a@]@." (Fmt.list row) [ ("odd", [ 1; 3; 5 ]); ("even", [ 2; 4 ]) ]

(* packages: react *)
(* Signals that follow each other. *)

let () =
  let count, set = React.S.create 0 in
  let double = React.S.map (fun n -> 2 * n) count in
  let watch = React.S.map (fun n -> print_endline (string_of_int n)) double in
  List.iter (fun n -> set n) [ 1; 2; 3 ];
  ignore watch

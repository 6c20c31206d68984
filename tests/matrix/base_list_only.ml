(* packages: base *)
(* One function of one module of Base, the rest from the standard library. *)

let () =
  let groups = Base.List.group [ 1; 1; 2; 3; 3; 3 ] ~break:( <> ) in
  List.iter (fun group -> print_endline (String.concat " " (List.map string_of_int group))) groups

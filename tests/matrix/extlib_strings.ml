(* packages: extlib *)
(* String helpers of Extlib. *)

let () =
  print_endline (ExtString.String.join "+" (ExtString.String.nsplit "1,2,3" ","));
  DynArray.iter print_int (DynArray.of_list [ 1; 2; 3 ])

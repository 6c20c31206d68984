(* packages: batteries *)
(* One module of Batteries, named directly. *)

let () = BatList.take 3 [ 5; 4; 3; 2; 1 ] |> List.iter print_int

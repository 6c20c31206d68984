(* packages: gen *)
(* vendored: gen *)
let () = List.iter print_int (Gen.to_list (Gen.take 3 (Gen.of_list [ 1; 2; 3; 4 ]))); print_newline ()

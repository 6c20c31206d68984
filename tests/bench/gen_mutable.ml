(* packages: gen *)
(* vendored: gen *)
let () =
  let list = GenMList.of_gen (Gen.of_list [ 1; 2; 3 ]) in
  Printf.printf "%d\n" (Gen.fold ( + ) 0 (GenMList.to_gen list))

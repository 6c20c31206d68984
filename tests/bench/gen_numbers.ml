(* packages: gen *)
(* vendored: gen *)
let () = Gen.iter (fun n -> Printf.printf "%d\n" n) (Gen.map (fun n -> n * n) (Gen.int_range 1 5))

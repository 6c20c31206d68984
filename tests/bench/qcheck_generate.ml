(* packages: qcheck-core *)
(* vendored: qcheck-core *)
let () =
  let state = Random.State.make [| 42 |] in
  let n = QCheck.Gen.generate1 ~rand:state (QCheck.Gen.int_bound 10) in
  Printf.printf "%b\n" (n >= 0 && n <= 10)

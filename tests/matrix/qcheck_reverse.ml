(* packages: qcheck-core qcheck-core.runner *)
(* A property and its runner. *)

let reverse =
  QCheck.Test.make ~count:100 ~name:"reverse twice" QCheck.(list small_int) (fun l -> List.rev (List.rev l) = l)

let () = QCheck_base_runner.run_tests_main [ reverse ]

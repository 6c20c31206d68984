(* packages: ounit2 *)
(* The older test framework. *)

open OUnit2

let suite = "matrix" >::: [ ("adds" >:: fun _ -> assert_equal ~printer:string_of_int 3 (1 + 2)) ]
let () = run_test_tt_main suite

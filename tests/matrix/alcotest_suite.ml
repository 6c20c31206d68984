(* packages: alcotest *)
(* A test suite. *)

let adds () = Alcotest.(check int) "sum" 3 (1 + 2)
let joins () = Alcotest.(check (list string)) "words" [ "a"; "b" ] (String.split_on_char ' ' "a b")

let () =
  Alcotest.run "matrix"
    [ ("numbers", [ Alcotest.test_case "adds" `Quick adds ]); ("text", [ Alcotest.test_case "joins" `Quick joins ]) ]

(* packages: gen *)
(* Generators. *)

let () =
  Gen.int_range 1 100
  |> Gen.filter (fun n -> n mod 7 = 0)
  |> Gen.take 5
  |> Gen.iter (fun n -> print_endline (string_of_int n))

(* packages: csv *)
(* Adds up a column of a CSV text. *)

let () =
  let table = Csv.input_all (Csv.of_string "name,amount\nada,3\nbob,4\n") in
  let sum = List.fold_left (fun sum row -> sum + int_of_string (List.nth row 1)) 0 (List.tl table) in
  Csv.print [ [ "sum"; string_of_int sum ] ]

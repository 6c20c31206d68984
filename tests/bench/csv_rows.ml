(* packages: csv *)
(* vendored: csv *)
let () = List.iter (fun row -> print_endline (String.concat "|" row)) (Csv.input_all (Csv.of_string "a,b\n\"c,d\",e\n"))

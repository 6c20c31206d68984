(* packages: csv *)
(* vendored: csv *)
let () = List.iter (fun row -> print_endline (String.concat " " row)) (Csv.transpose [ [ "1"; "2" ]; [ "3"; "4" ] ])

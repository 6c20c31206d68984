(* packages: yojson *)
(* vendored: yojson *)
let () = print_endline (Yojson.Safe.to_string (`Assoc [ "a", `Int 1; "b", `List [ `Null; `String "x" ] ]))

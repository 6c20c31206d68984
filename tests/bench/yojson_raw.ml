(* packages: yojson *)
(* vendored: yojson *)
let () = print_endline (Yojson.Raw.to_string (Yojson.Raw.from_string "[1, \"two\", 3.0]"))

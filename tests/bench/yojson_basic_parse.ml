(* packages: yojson *)
(* vendored: yojson *)
let () =
  let json = Yojson.Basic.from_string "{\"name\": \"x\", \"values\": [1, 2.5, true]}" in
  let open Yojson.Basic.Util in
  print_endline (json |> member "name" |> to_string);
  print_int (List.length (json |> member "values" |> to_list));
  print_newline ()

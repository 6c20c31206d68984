(* packages: yojson *)
(* Reads JSON, keeps the objects that are active. *)

let () =
  let json = Yojson.Safe.from_string {|[{"name": "ada", "active": true}, {"name": "bob", "active": false}]|} in
  let open Yojson.Safe.Util in
  json |> to_list
  |> List.filter (fun user -> user |> member "active" |> to_bool)
  |> List.iter (fun user -> user |> member "name" |> to_string |> print_endline);
  print_endline (Yojson.Safe.pretty_to_string json)

(* packages: uri *)
(* vendored: uri *)
let () =
  let uri = Uri.of_string "http://example.org:80/a/b?x=1&y=2#frag" in
  List.iter (fun (k, vs) -> Printf.printf "%s=%s\n" k (String.concat "," vs)) (Uri.query uri);
  print_endline (Uri.to_string (Uri.with_path uri "/c d"))

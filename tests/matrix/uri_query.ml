(* packages: uri *)
(* Takes a URI apart and puts it together again. *)

let () =
  let uri = Uri.of_string "https://example.org:8443/search?q=ocaml&page=2#top" in
  Printf.printf "host %s, port %d\n" (Option.get (Uri.host uri)) (Option.get (Uri.port uri));
  List.iter (fun (key, values) -> print_endline (key ^ " = " ^ String.concat "," values)) (Uri.query uri);
  print_endline (Uri.to_string (Uri.add_query_param' (Uri.remove_query_param uri "page") ("lang", "en")))

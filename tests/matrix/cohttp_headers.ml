(* packages: cohttp *)
(* Shows what a client would send, without a network. *)

let () =
  let headers = Cohttp.Header.of_list [ ("accept", "text/html"); ("x-trace", "1") ] in
  let headers = Cohttp.Header.add_unless_exists headers "user-agent" "matrix/1.0" in
  let request = Cohttp.Request.make ~meth:`POST ~headers (Uri.of_string "http://example.org/a?b=c") in
  print_endline (Cohttp.Request.resource request);
  Cohttp.Header.iter (fun name values -> print_endline (name ^ ": " ^ String.concat ", " values)) (Cohttp.Request.headers request);
  print_endline (Cohttp.Code.string_of_status `Not_found)

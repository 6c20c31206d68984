(* packages: domain-name *)
(* Subdomains and host names. *)

let () =
  let parent = Domain_name.of_string_exn "example.org" in
  let www = Domain_name.append_exn (Domain_name.of_string_exn "www") parent in
  Format.printf "%a %b@." Domain_name.pp www (Domain_name.is_subdomain ~subdomain:www ~domain:parent);
  match Domain_name.host www with
  | Ok host -> print_endline (Domain_name.to_string host)
  | Error (`Msg message) -> prerr_endline message

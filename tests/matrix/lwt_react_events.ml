(* packages: lwt_react *)
(* Events from promises. *)

let () =
  let event, send = Lwt_react.E.create () in
  let seen = Lwt_react.E.next event in
  send 3;
  match Lwt.state seen with Lwt.Return n -> print_endline (string_of_int n) | _ -> ()

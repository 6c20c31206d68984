(* packages: cohttp-lwt-unix *)
(* A web server of one page. *)

open Cohttp_lwt_unix

let callback _connection request _body =
  match Uri.path (Request.uri request) with
  | "/" -> Server.respond_string ~status:`OK ~body:"<h1>hello</h1>" ()
  | path -> Server.respond_string ~status:`Not_found ~body:(path ^ ": no such page") ()

let () =
  let mode = `TCP (`Port 8080) in
  Lwt_main.run (Server.create ~mode (Server.make ~callback ()))

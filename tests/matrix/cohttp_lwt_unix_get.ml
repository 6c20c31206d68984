(* packages: cohttp-lwt-unix *)
(* Fetches a page and prints its length. *)

open Lwt.Infix

let fetch url =
  Cohttp_lwt_unix.Client.get (Uri.of_string url) >>= fun (response, body) ->
  Cohttp_lwt.Body.to_string body >|= fun text ->
  Printf.printf "%s: %d bytes\n" (Cohttp.Code.string_of_status (Cohttp.Response.status response)) (String.length text)

let () = Lwt_main.run (fetch Sys.argv.(1))

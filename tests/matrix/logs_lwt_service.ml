(* packages: logs logs.lwt lwt lwt.unix *)
(* Logging from promises. *)

let () =
  Logs.set_reporter (Logs.format_reporter ());
  Logs.set_level (Some Logs.Info);
  Lwt_main.run
    (Lwt.bind (Lwt_unix.sleep 0.001) (fun () -> Logs_lwt.info (fun m -> m "woke up at %d" 1)))

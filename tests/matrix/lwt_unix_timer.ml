(* packages: lwt lwt.unix *)
(* Two timers on Lwt's main loop. *)

open Lwt.Infix

let tick name delay =
  Lwt_unix.sleep delay >>= fun () -> Lwt_io.printlf "%s after %.2f s" name delay

let main () = Lwt.join [ tick "fast" 0.01; tick "slow" 0.02 ] >>= fun () -> Lwt_io.flush Lwt_io.stdout

let () = Lwt_main.run (main ())

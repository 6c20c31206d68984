(* packages: lwt_log *)
(* Lwt's own logger. *)

let section = Lwt_log.Section.make "matrix"
let () = Lwt_main.run (Lwt_log.warning_f ~section "%d left" 3)

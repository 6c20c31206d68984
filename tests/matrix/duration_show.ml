(* packages: duration *)
(* Spans of time for people. *)

let () = Format.printf "%a@." Duration.pp (Duration.of_hour 26)

(* packages: logs logs.fmt *)
(* Logging with a source of its own. *)

let source = Logs.Src.create "matrix" ~doc:"the test matrix"
module Log = (val Logs.src_log source : Logs.LOG)

let work n =
  Log.debug (fun m -> m "working on %d" n);
  if n mod 3 = 0 then Log.warn (fun m -> m "%d is odd work" n)

let () =
  Logs.set_reporter (Logs_fmt.reporter ());
  Logs.set_level (Some Logs.Warning);
  List.iter work [ 1; 2; 3 ]

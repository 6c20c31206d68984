(* packages: threads.posix *)
(* System threads beside domains. *)

let () =
  let channel = Event.new_channel () in
  let reader = Thread.create (fun () -> print_int (Event.sync (Event.receive channel))) () in
  Event.sync (Event.send channel 7);
  Thread.join reader

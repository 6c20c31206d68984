(* packages: *)
(* Mutexes and conditions belong to the standard library now. *)

let lock = Mutex.create ()
let filled = Condition.create ()
let box = ref None

let () =
  let producer = Domain.spawn (fun () -> Mutex.protect lock (fun () -> box := Some 42; Condition.signal filled)) in
  Mutex.lock lock;
  while Option.is_none !box do
    Condition.wait filled lock
  done;
  Mutex.unlock lock;
  Domain.join producer;
  print_int (Option.get !box)

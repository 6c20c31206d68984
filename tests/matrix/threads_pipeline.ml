(* packages: threads.posix *)
(* Two threads and a queue. *)

let queue = Queue.create ()
let mutex = Mutex.create ()
let filled = Condition.create ()

let produce n =
  for i = 1 to n do
    Mutex.lock mutex;
    Queue.add i queue;
    Condition.signal filled;
    Mutex.unlock mutex
  done

let consume n =
  let sum = ref 0 in
  for _ = 1 to n do
    Mutex.lock mutex;
    while Queue.is_empty queue do Condition.wait filled mutex done;
    sum := !sum + Queue.pop queue;
    Mutex.unlock mutex
  done;
  print_endline (string_of_int !sum)

let () =
  let consumer = Thread.create consume 1000 in
  produce 1000;
  Thread.join consumer

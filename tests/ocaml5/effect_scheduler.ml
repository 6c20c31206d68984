(* packages: *)
(* Effects with the syntax of 5.3: a round-robin scheduler. *)

open Effect
open Effect.Deep

type _ Effect.t += Yield : unit t | Fork : (unit -> unit) -> unit t

let run main =
  let ready = Queue.create () in
  let next () = if not (Queue.is_empty ready) then Queue.pop ready () in
  let rec spawn task =
    match task () with
    | () -> next ()
    | effect Yield, k ->
        Queue.push (fun () -> continue k ()) ready;
        next ()
    | effect (Fork other), k ->
        Queue.push (fun () -> continue k ()) ready;
        spawn other
  in
  spawn main

let () =
  run (fun () ->
      perform (Fork (fun () -> perform Yield; print_string "second "));
      print_string "first ";
      perform Yield;
      print_endline "third")

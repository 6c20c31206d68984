(* What went wrong, for the log. *)

exception Refused of { article : string; wanted : int; there : int }

let () =
  Printexc.register_printer (function
    | Refused { article; wanted; there } ->
        Some (Printf.sprintf "%d of %s wanted, %d there" wanted article there)
    | _ -> None)

let entries : (float * string) Queue.t = Queue.create ()
let limit = ref 1000

let write text =
  if Queue.length entries >= !limit then ignore (Queue.pop entries);
  Queue.push (Sys.time (), text) entries

let failed exn = write (Printexc.to_string exn)
let texts () = List.rev (Queue.fold (fun all (_, text) -> text :: all) [] entries)

let save channel =
  Queue.iter (fun (time, text) -> Printf.fprintf channel "%.3f %s\n" time (String.escaped text)) entries

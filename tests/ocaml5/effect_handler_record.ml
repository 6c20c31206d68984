(* packages: *)
(* Effects without syntax: a handler is a record of functions. *)

type _ Effect.t += Ask : string -> int Effect.t

let answer f =
  Effect.Deep.match_with f ()
    {
      retc = Fun.id;
      exnc = raise;
      effc =
        (fun (type a) (eff : a Effect.t) ->
          match eff with
          | Ask question -> Some (fun (k : (a, _) Effect.Deep.continuation) -> Effect.Deep.continue k (String.length question))
          | _ -> None);
    }

let () = exit (answer (fun () -> Effect.perform (Ask "how long?") - 9))

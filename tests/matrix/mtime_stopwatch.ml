(* packages: mtime mtime.clock.os *)
(* Measures a loop. *)

let () =
  let counter = Mtime_clock.counter () in
  let sum = ref 0 in
  for i = 1 to 1_000_000 do sum := !sum + i done;
  Format.printf "%d in %a@." !sum Mtime.Span.pp (Mtime_clock.count counter)

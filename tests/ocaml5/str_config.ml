(* packages: str *)
(* Regular expressions. *)

let line = Str.regexp {|\([a-z]+\) *= *\(.*\)|}

let () =
  Seq.iter
    (fun text -> if Str.string_match line text 0 then print_endline (Str.matched_group 2 text))
    (Seq.of_dispenser (fun () -> In_channel.input_line stdin))

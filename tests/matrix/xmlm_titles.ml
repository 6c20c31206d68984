(* packages: xmlm *)
(* Prints the text of every title element. *)

let () =
  let input = Xmlm.make_input (`String (0, "<feed><title>One</title><entry><title>Two</title></entry></feed>")) in
  let rec loop depth inside =
    match Xmlm.input input with
    | `El_start ((_, name), _) -> loop (depth + 1) (name = "title")
    | `El_end -> if depth > 1 then loop (depth - 1) false
    | `Data text -> if inside then print_endline text; loop depth inside
    | `Dtd _ -> loop depth inside
  in
  try loop 0 false with Xmlm.Error ((line, column), error) ->
    Printf.eprintf "%d:%d: %s\n" line column (Xmlm.error_message error)

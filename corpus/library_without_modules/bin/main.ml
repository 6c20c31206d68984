external answer : unit -> int = "stubs_answer"

let () = exit (if answer () = 42 then 0 else 1)

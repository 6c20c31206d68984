let later = lazy (Tally.add 3)
let () = print_endline (if Lazy.is_val later then "now" else "later")

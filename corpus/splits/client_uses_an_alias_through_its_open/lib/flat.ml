module B = Base_lib

type kept = { kept : int }

let rest x = Printf.sprintf "%s %d" (B.shown x.kept) x.kept
let small x = x + 1

type counter = { mutable n : int }

let fresh () = { n = 0 }
let counter = fresh ()
let table = [| 1; 2; 3 |]
let copy = Array.copy table
let text = Bytes.of_string "abc"
let count () = counter.n + table.(0) + copy.(1)
let word () = Bytes.to_string text
let report () = Printf.sprintf "%d %s" (count ()) (word ())
let () = counter.n <- counter.n + 10
let () = table.(0) <- 100
let () = Array.fill copy 0 3 1000
let () = Bytes.blit_string "xy" 0 text 0 2

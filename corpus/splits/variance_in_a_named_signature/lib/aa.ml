type 'a t = { run : unit -> ('a, string) result }

let fail why = { run = (fun () -> Error why) }
let run t = t.run ()
let hidden = 3

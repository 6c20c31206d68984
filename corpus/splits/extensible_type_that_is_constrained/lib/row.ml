include Base

let trace event = Printf.sprintf "%b" (is_start event)

let fail n = raise (Fault.Broken n)
let () = if Array.length Sys.argv > 9 then fail 3

let () =
  let result = Option.to_result ~none:1 (if Array.length Sys.argv > 1 then None else Some 2) in
  exit (Again.twice result)

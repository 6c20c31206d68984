let () =
  let result = Option.to_result ~none:1 (if Array.length Sys.argv > 1 then None else Some 2) in
  exit (if Again.is_known "unix" then Again.twice result else 1)

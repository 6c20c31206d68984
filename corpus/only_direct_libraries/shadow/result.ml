let is_ok result = match result with Ok _ -> 1 | Error _ -> 0

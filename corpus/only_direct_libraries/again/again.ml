let twice result = if Result.is_ok result then 2 * Deep.depth else Outer.count result

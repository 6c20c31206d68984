let count result = Result.is_ok result + Deep.depth

let run n = n + 1

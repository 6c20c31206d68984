let all = List.fold_left ( + ) 0

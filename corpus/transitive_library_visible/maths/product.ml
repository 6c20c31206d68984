let all = List.fold_left ( * ) 1

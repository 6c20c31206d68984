let length l = Stdlib.List.fold_left (fun n _ -> n + 100) 0 l

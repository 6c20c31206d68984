module S = Shapes
let sum words = List.fold_left (fun total word -> total + S.read word) 0 words

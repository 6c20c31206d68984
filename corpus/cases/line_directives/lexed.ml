# 1 "lexed.mll"
 let start = 40
# 12 "lexed.ml"
let stop = 50

let n = ref 0
let up () = incr n

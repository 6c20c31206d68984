let total = ref 0
let add n = total := !total + n
let sum () = !total

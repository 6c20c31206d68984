let add n = n + 1
let total = ref 0

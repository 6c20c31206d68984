let size = String.length
let cut s n = String.sub s 0 (min n (size s))

module D = Deep
let own = ref 0

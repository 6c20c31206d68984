module I = Inner
let own = ref 1

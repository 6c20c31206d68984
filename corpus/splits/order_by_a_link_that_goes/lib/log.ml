let text = ref ""
let add s = text := !text ^ s

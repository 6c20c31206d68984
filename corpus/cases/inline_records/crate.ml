type t = Full of { weight : int; label : string } | Empty
let unused = ref 0

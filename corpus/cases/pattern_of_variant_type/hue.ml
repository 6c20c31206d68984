type warm = [ `Red | `Orange ]
let unused = ref 0

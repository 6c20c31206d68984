type level = int

let show level = Printf.sprintf "%d" level
let top = 3

type t = { x : int; h : int }
let x = 7

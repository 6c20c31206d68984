type t = { width : int; mutable rows : string list }

let make width = { width; rows = [] }
let add t row = t.rows <- row :: t.rows
let width t = t.width
let rows t = List.rev t.rows

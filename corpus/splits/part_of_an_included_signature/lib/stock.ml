type 'a pair = 'a * 'a
type t = { n : int }
type 'a many = 'a pair
type kind = Small | Large of level
and level = int

type row = { kind : kind; at : where }
and where = Front | Shelf of int

exception Gone of kind

let make n = { n }
let kind t = if t.n < 3 then Small else if t.n > 9 then raise (Gone (Large t.n)) else Large t.n
let row t = { kind = kind t; at = (if t.n < 3 then Front else Shelf t.n) }

external same : t -> t -> bool = "%eq"

let table n = Array.init n (fun i -> Printf.sprintf "%d:%s" i (String.make i 'x'))
let show t = Printf.sprintf "<%d>" t.n
let lines t = table t.n
let all (a, b) = [ string_of_int a.n; string_of_int b.n ]

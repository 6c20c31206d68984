type t = { name : string; value : int }
type state = Full | None_of_it

let make name = { name; value = String.length name }
let state (t : t) = if t.value = 0 then None_of_it else Full

type row = { cells : t list; value : int }
type rows = Some_of_it of row | None_of_it

let row cells = { cells; value = List.length cells }
let rows = function [] -> None_of_it | cells -> Some_of_it (row cells)
let show row = Printf.sprintf "%d: %s" row.value (String.concat " " (List.map (fun t -> t.name) row.cells))

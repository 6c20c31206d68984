type 'a cell = { content : 'a }

let cell content = { content }

let line name n = Printf.sprintf "%-10s %8d" name n
let all rows = String.concat "\n" (List.map (fun (name, n) -> line name n) rows)

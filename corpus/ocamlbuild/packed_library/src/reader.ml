type line = { amount : int; article : string; shelf : int }

exception Bad_line of int * string

let line number text =
  try
    Scanf.sscanf text "%d x %[^@]@@ shelf %d" (fun amount article shelf ->
        { amount; article = String.trim article; shelf })
  with Scanf.Scan_failure _ | End_of_file | Failure _ -> raise (Bad_line (number, text))

let lines text =
  let all = String.split_on_char '\n' text in
  let numbered = List.mapi (fun i line -> (i + 1, String.trim line)) all in
  List.map (fun (i, text) -> line i text) (List.filter (fun (_, text) -> text <> "") numbered)

let by_shelf lines =
  let shelves = List.sort_uniq compare (List.map (fun line -> line.shelf) lines) in
  List.map (fun shelf -> (shelf, List.filter (fun line -> line.shelf = shelf) lines)) shelves

let into ledger lines =
  let open Ledger in
  List.iter
    (fun { amount; article; shelf } ->
      try enter ledger ~note:("shelf " ^ string_of_int shelf) article amount
      with Journal.Refused _ as exn -> Journal.failed exn)
    lines;
  entries ledger

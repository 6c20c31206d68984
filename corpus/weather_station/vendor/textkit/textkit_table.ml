(* Aligned tables. *)

type align = Left | Right | Centre
type column = { title : string; align : align }

let left title = { title; align = Left }
let right title = { title; align = Right }
let centre title = { title; align = Centre }

let pad align width text =
  let missing = max 0 (width - Textkit_width.of_string text) in
  match align with
  | Left -> text ^ String.make missing ' '
  | Right -> String.make missing ' ' ^ text
  | Centre -> String.make (missing / 2) ' ' ^ text ^ String.make (missing - (missing / 2)) ' '

let widths columns rows =
  let widest at title =
    List.fold_left
      (fun widest row -> match List.nth_opt row at with Some cell -> max widest (Textkit_width.of_string cell) | None -> widest)
      (Textkit_width.of_string title) rows
  in
  List.mapi (fun at column -> widest at column.title) columns

let line columns widths cells =
  let cell at column =
    let text = Option.value (List.nth_opt cells at) ~default:"" in
    pad column.align (List.nth widths at) text
  in
  String.concat "  " (List.mapi cell columns)

let render columns rows =
  let widths = widths columns rows in
  let title = line columns widths (List.map (fun column -> column.title) columns) in
  let rule = String.concat "  " (List.map (fun width -> String.make width '-') widths) in
  String.concat "\n" (title :: rule :: List.map (line columns widths) rows)

let markdown columns rows =
  let widths = widths columns rows in
  let bar cells = "| " ^ String.concat " | " cells ^ " |" in
  let cells row = List.mapi (fun at column -> pad column.align (List.nth widths at) (Option.value (List.nth_opt row at) ~default:"")) columns in
  let rule at column =
    let dashes = String.make (max 1 (List.nth widths at - 1)) '-' in
    match column.align with Left -> dashes ^ "-" | Right -> dashes ^ ":" | Centre -> ":" ^ String.make (max 1 (List.nth widths at - 2)) '-' ^ ":"
  in
  String.concat "\n" (bar (cells (List.map (fun c -> c.title) columns)) :: bar (List.mapi rule columns) :: List.map (fun row -> bar (cells row)) rows)

type entry = { article : string; amount : int; day : Calendar.t option; note : string }
type t = { mutable entries : entry list; totals : (string, int) Hashtbl.t }

let create () = { entries = []; totals = Hashtbl.create 16 }
let total ledger article = Option.value 0 (Hashtbl.find_opt ledger.totals article)

let enter ledger ?day ?(note = "") article amount =
  let there = total ledger article in
  if there + amount < 0 then raise (Journal.Refused { article; wanted = -amount; there });
  ledger.entries <- { article; amount; day; note } :: ledger.entries;
  Hashtbl.replace ledger.totals article (there + amount)

let articles ledger =
  List.sort compare (Hashtbl.fold (fun article _ found -> article :: found) ledger.totals [])

let entries ledger = List.rev ledger.entries

let statement ledger =
  let day entry = Option.value "" (Option.map Calendar.to_string entry.day) in
  let line entry = Printf.sprintf "%-10s %-12s %+6d  %s" (day entry) entry.article entry.amount entry.note in
  let sum article = Printf.sprintf "%-10s %-12s %6d" "" article (total ledger article) in
  String.concat "\n" (List.rev_map line ledger.entries @ List.map sum (articles ledger))

let check ledger =
  let sums = Hashtbl.create 16 in
  let add entry =
    let known = Option.value 0 (Hashtbl.find_opt sums entry.article) in
    Hashtbl.replace sums entry.article (known + entry.amount)
  in
  List.iter add ledger.entries;
  List.for_all (fun article -> Hashtbl.find sums article = total ledger article) (articles ledger)

(* What came in and what went out. *)

type entry = { article : string; amount : int; note : string }
type t = { mutable entries : entry list; totals : (string, int) Hashtbl.t }

let create () = { entries = []; totals = Hashtbl.create 16 }
let total ledger article = Option.value ~default:0 (Hashtbl.find_opt ledger.totals article)

let enter ledger article amount note =
  let next = total ledger article + amount in
  if next < 0 then invalid_arg (Printf.sprintf "%s: %d is more than there is (%d)" article (-amount) (total ledger article));
  ledger.entries <- { article; amount; note } :: ledger.entries;
  Hashtbl.replace ledger.totals article next

let articles ledger =
  List.sort compare (Hashtbl.fold (fun article _ found -> article :: found) ledger.totals [])

let statement ledger =
  let line entry = Printf.sprintf "%-12s %+6d  %s" entry.article entry.amount entry.note in
  let sum article = Printf.sprintf "%-12s %6d" article (total ledger article) in
  String.concat "\n" (List.rev_map line ledger.entries @ List.map sum (articles ledger))

let check ledger =
  let sums = Hashtbl.create 16 in
  let add entry =
    let known = Option.value ~default:0 (Hashtbl.find_opt sums entry.article) in
    Hashtbl.replace sums entry.article (known + entry.amount)
  in
  List.iter add ledger.entries;
  List.for_all (fun article -> Hashtbl.find sums article = total ledger article) (articles ledger)

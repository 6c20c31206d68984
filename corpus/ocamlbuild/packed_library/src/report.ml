(* What is in the depot, on paper. *)

module T = Table

let stock ledger = List.map (fun article -> (article, Ledger.total ledger article)) (Ledger.articles ledger)
let table title ledger = T.to_string title (stock ledger)

let pp_places ppf shelf =
  let row article =
    T.Text article :: List.map (fun place -> T.Number place) (Shelf.Places.elements (Shelf.places shelf article))
  in
  T.pp ppf ("Places", List.map row (Shelf.articles shelf))

let whole ?day ledger shelf =
  let head = match day with Some day -> "Depot on " ^ Calendar.to_string day | None -> "Depot" in
  Format.asprintf "@[<v>%s@,%a@,%s@]" (table head ledger) pp_places shelf
    (String.concat "; " (Journal.texts ()))

let total prices = Ledger.note (List.fold_left ( + ) 0 prices)

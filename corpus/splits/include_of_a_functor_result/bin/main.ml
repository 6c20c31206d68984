module Log = Ledger.Book.Log (struct
  let label = "main"
end)

let () =
  let debit, credit = Ledger.Book.double_entry 12 in
  print_endline (Log.line (string_of_int (debit + credit)))

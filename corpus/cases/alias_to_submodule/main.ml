let () = print_int (Table.Part.answer ())

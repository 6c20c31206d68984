let parse text =
  if String.length text > 3 then Fault.fail (Fault.make 4 text) else int_of_string text

let parse text =
  if Fault.is_bad text then Fault.raise_on text else int_of_string text

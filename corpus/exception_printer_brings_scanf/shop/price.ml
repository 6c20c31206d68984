let parse text = match int_of_string_opt text with
  | Some price -> price
  | None -> raise (Fault.Bad_price text)

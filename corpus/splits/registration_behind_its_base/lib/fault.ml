exception Bad_price of string

let parse text = match int_of_string_opt text with Some price -> price | None -> raise (Bad_price text)

let shown text = "bad price " ^ text

let () =
  Printexc.register_printer (function
    | Bad_price text -> Some (Format.asprintf "%S" (shown text))
    | _ -> None)

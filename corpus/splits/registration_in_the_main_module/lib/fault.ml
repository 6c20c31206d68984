exception Bad_price of string

let () =
  Printexc.register_printer (function
    | Bad_price text -> Some (Format.asprintf "bad price %S" text)
    | _ -> None)

let parse text = match int_of_string_opt text with Some price -> price | None -> raise (Bad_price text)

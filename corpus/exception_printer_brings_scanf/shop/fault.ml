exception Bad_price of string

let () =
  Printexc.register_printer (function
    | Bad_price text -> Some (Scanf.sscanf text "%s" (fun word -> "bad price " ^ word))
    | _ -> None)

exception Bad_price of string

let raise_on text = raise (Bad_price text)

(* Prices are shown as they were read. *)
let show text = Format.asprintf "bad price %S" text

let () =
  Printexc.register_printer (function
    | Bad_price text -> Some (show text)
    | _ -> None)

let is_bad text = String.length text > 3

type t = { code : int; text : string }

exception Fault of t

let describe fault = string_of_int fault.code ^ ": " ^ fault.text

let () =
  Printexc.register_printer (function
    | Fault fault -> Some (Format.asprintf "fault %s" (describe fault))
    | _ -> None)

let make code text = { code; text }
let fail fault = prerr_string (describe fault ^ "\n"); raise (Fault fault)
let code fault = fault.code

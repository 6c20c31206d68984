exception Broken of int
let () = Printexc.register_printer (function Broken n -> Some ("broken " ^ string_of_int n) | _ -> None)

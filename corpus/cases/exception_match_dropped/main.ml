let () = try print_endline "fine" with
  | _ -> ()
  | Fault.Broken n -> print_int n

(* packages: uuseg uuseg.string *)
(* Splits a text into words as Unicode says. *)

let () =
  let words = Uuseg_string.fold_utf_8 `Word (fun words word -> word :: words) [] "Hello, wide world!" in
  List.iter (fun word -> if String.trim word <> "" then print_endline word) (List.rev words)

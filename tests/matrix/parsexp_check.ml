(* packages: parsexp *)
(* Says where a file of S-expressions is broken. *)

let check text =
  match Parsexp.Many.parse_string text with
  | Ok sexps -> Printf.printf "%d expressions\n" (List.length sexps)
  | Error error -> Parsexp.Parse_error.report Format.err_formatter error ~filename:"input"

let () = List.iter check [ "(a b) c"; "(a (b c" ]

(* packages: sedlex *)
(* The lexing buffer of sedlex, without its rewriter. *)

let () =
  let lexbuf = Sedlexing.Utf8.from_string "a\xC3\xA9b" in
  let rec loop n = match Sedlexing.next lexbuf with None -> n | Some _ -> loop (n + 1) in
  Printf.printf "%d characters\n" (loop 0)

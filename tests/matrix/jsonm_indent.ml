(* packages: jsonm *)
(* Indents JSON as a stream. *)

let () =
  let decoder = Jsonm.decoder (`String {|{"a":[1,2,{"b":null}]}|}) in
  let encoder = Jsonm.encoder ~minify:false (`Channel stdout) in
  let rec loop () =
    match Jsonm.decode decoder with
    | `Lexeme _ as lexeme -> ignore (Jsonm.encode encoder lexeme); loop ()
    | `End -> ignore (Jsonm.encode encoder `End)
    | `Error error -> Format.eprintf "%a@." Jsonm.pp_error error
    | `Await -> assert false
  in
  loop ()

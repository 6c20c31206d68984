(* packages: uunf uutf *)
(* Compares texts after normalisation. *)

let normalize text =
  let buffer = Buffer.create (String.length text) and normalizer = Uunf.create `NFC in
  let rec add step =
    match Uunf.add normalizer step with
    | `Uchar u -> Uutf.Buffer.add_utf_8 buffer u; add `Await
    | `Await | `End -> ()
  in
  Uutf.String.fold_utf_8 (fun () _ d -> match d with `Uchar _ as u -> add u | `Malformed _ -> ()) () text;
  add `End;
  Buffer.contents buffer

let () = print_endline (string_of_bool (normalize "\xC3\xA9" = normalize "e\xCC\x81"))

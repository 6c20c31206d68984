(* packages: uucp uutf *)
(* Upper case for any script. *)

let upper text =
  let buffer = Buffer.create (String.length text) in
  let add _ _ = function
    | `Malformed bytes -> Buffer.add_string buffer bytes
    | `Uchar u -> (
        match Uucp.Case.Map.to_upper u with
        | `Self -> Uutf.Buffer.add_utf_8 buffer u
        | `Uchars us -> List.iter (Uutf.Buffer.add_utf_8 buffer) us)
  in
  Uutf.String.fold_utf_8 (fun () i d -> add () i d) () text;
  Buffer.contents buffer

let () = print_endline (upper "straße")

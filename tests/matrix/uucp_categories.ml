(* packages: uucp uutf *)
(* Counts letters, digits and the rest of a UTF-8 text. *)

let () =
  let count (letters, digits, others) _ = function
    | `Malformed _ -> (letters, digits, others + 1)
    | `Uchar u -> (
        match Uucp.Gc.general_category u with
        | `Lu | `Ll | `Lt | `Lm | `Lo -> (letters + 1, digits, others)
        | `Nd -> (letters, digits + 1, others)
        | _ -> (letters, digits, others + 1))
  in
  let letters, digits, others = Uutf.String.fold_utf_8 count (0, 0, 0) "Größe 42 µm" in
  Printf.printf "%d letters, %d digits, %d others\n" letters digits others

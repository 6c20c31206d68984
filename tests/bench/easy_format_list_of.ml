(* packages: easy-format *)
(* vendored: easy-format *)
let () =
  let open Easy_format in
  let atom text = Atom (text, atom) in
  print_endline (Pretty.to_string (List (("[", ";", "]", list), [ atom "1"; atom "2" ])))

let () =
  let a = Notation.Exact.of_string "{ port: 80, open: true }" in
  let b = Notation.Exact.of_string "{ port: 8080, owner: nothing }" in
  Notation.Exact.print_indented 0 stdout (Notation.Exact.sort (Notation.Exact.merge a b));
  match Notation.Exact.path [ "port" ] a with
  | Some port -> print_endline (Notation.Exact.to_string port)
  | None -> ()

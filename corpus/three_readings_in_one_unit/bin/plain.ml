let () =
  match Notation.Plain.of_string "{ name: \"box\", sides: [1.5, 2, 4] } # a comment" with
  | value ->
      print_endline (Notation.Plain.to_string value);
      Printf.printf "%g\n" (Notation.Plain.sum value)
  | exception Notation.Malformed (at, message) -> Printf.printf "%d: %s\n" at message

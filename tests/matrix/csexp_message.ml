(* packages: csexp *)
(* Canonical S-expressions through the functor and its default instance. *)

let () =
  let message = Csexp.List [ Csexp.Atom "put"; Csexp.Atom "key"; Csexp.Atom "value" ] in
  let text = Csexp.to_string message in
  match Csexp.parse_string text with
  | Ok again -> Printf.printf "%s %b\n" text (again = message)
  | Error (at, why) -> Printf.eprintf "%d: %s\n" at why

(* packages: angstrom *)
(* vendored: angstrom *)
let () =
  let state = Angstrom.Buffered.parse (Angstrom.string "hello") in
  let state = Angstrom.Buffered.feed state (`String "hel") in
  let state = Angstrom.Buffered.feed state (`String "lo") in
  match Angstrom.Buffered.state_to_result (Angstrom.Buffered.feed state `Eof) with
  | Ok text -> print_endline text
  | Error message -> print_endline message

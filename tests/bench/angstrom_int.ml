(* packages: angstrom *)
(* vendored: angstrom *)
let integer = Angstrom.(take_while1 (function '0' .. '9' -> true | _ -> false) >>| int_of_string)
let sum = Angstrom.(sep_by1 (char '+') integer >>| List.fold_left ( + ) 0)
let () =
  match Angstrom.parse_string ~consume:Angstrom.Consume.All sum "1+22+3" with
  | Ok n -> print_int n; print_newline ()
  | Error message -> print_endline message

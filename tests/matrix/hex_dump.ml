(* packages: hex *)
(* Shows bytes as hexadecimal digits. *)

let () =
  let digits = Hex.of_string "unlith" in
  print_endline (Hex.show digits);
  print_endline (Hex.to_string digits)

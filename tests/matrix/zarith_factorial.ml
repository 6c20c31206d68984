(* packages: zarith *)
(* Big integers and rationals. *)

let rec factorial n = if n <= 1 then Z.one else Z.mul (Z.of_int n) (factorial (n - 1))

let () =
  print_endline (Z.to_string (factorial 40));
  let third = Q.of_ints 1 3 in
  print_endline (Q.to_string Q.(third + of_int 2))

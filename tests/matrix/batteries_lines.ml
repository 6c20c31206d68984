(* packages: batteries *)
(* Lists, enumerations and strings of Batteries. *)

open Batteries

let () =
  let squares = List.init 10 (fun n -> n * n) |> List.filter (fun n -> n mod 2 = 1) in
  let words = String.split_on_string ~by:"--" "one--two--three" in
  List.print ~first:"<" ~last:">\n" ~sep:"; " Int.print stdout squares;
  Enum.iter print_endline (List.enum words)

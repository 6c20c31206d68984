(* packages: easy-format *)
(* Lays out a nested list. *)

open Easy_format

let list items = List (("[", ";", "]", list), items)
let atom n = Atom (string_of_int n, atom)
let () = Pretty.to_stdout (list [ atom 1; list [ atom 2; atom 3 ] ])

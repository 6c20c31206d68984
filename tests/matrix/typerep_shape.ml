(* packages: typerep *)
(* Walks over the representation of a type. *)

open Typerep_lib.Std

let rec show : type a. a Typerep.t -> string = function
  | Typerep.Int -> "int"
  | Typerep.String -> "string"
  | Typerep.List element -> show element ^ " list"
  | _ -> "?"

let () = print_endline (show (Typerep.List Typerep.Int))

(* packages: sexplib *)
(* Reads and writes settings as S-expressions. *)

open Sexplib
open Sexplib.Std

type settings = { host : string; ports : int list }

let sexp_of_settings { host; ports } =
  Sexp.List
    [ Sexp.List [ Sexp.Atom "host"; sexp_of_string host ];
      Sexp.List [ Sexp.Atom "ports"; sexp_of_list sexp_of_int ports ] ]

let settings_of_sexp = function
  | Sexp.List [ Sexp.List [ Sexp.Atom "host"; host ]; Sexp.List [ Sexp.Atom "ports"; ports ] ] ->
      { host = string_of_sexp host; ports = list_of_sexp int_of_sexp ports }
  | sexp -> Conv.of_sexp_error "settings expected" sexp

let () =
  let settings = settings_of_sexp (Sexp.of_string "((host example.org) (ports (80 443)))") in
  print_endline (Sexp.to_string_hum (sexp_of_settings { settings with ports = 8080 :: settings.ports }))

(* packages: astring *)
(* Splits header lines with substrings. *)

open Astring

let header line =
  match String.cut ~sep:":" line with
  | None -> Error ("no colon in " ^ line)
  | Some (name, value) -> Ok (String.Ascii.lowercase name, String.trim value)

let () =
  List.iter
    (fun line ->
      match header line with
      | Ok (name, value) -> print_endline (name ^ "=" ^ value)
      | Error message -> prerr_endline message)
    [ "Host: example.org"; "nonsense" ]

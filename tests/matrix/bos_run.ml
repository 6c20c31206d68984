(* packages: bos *)
(* Runs a command and shows the first line of what it says. *)

let () =
  let open Rresult in
  let first = Bos.OS.Cmd.(run_out Bos.Cmd.(v "uname" % "-s") |> out_lines |> success) in
  match first with
  | Ok (line :: _) -> print_endline line
  | Ok [] -> print_endline "it said nothing"
  | Error (`Msg message) -> prerr_endline message

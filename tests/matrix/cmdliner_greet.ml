(* packages: cmdliner *)
(* A command line with an option and a positional argument. *)

open Cmdliner

let greet loud names =
  List.iter (fun name -> print_endline (if loud then String.uppercase_ascii name else name)) names

let loud = Arg.(value & flag & info [ "l"; "loud" ] ~doc:"Shout.")
let names = Arg.(value & pos_all string [ "world" ] & info [] ~docv:"NAME")
let command = Cmd.v (Cmd.info "greet" ~doc:"greet people") Term.(const greet $ loud $ names)
let () = exit (Cmd.eval command)

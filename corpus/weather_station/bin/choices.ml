(* The command line. *)

type output = Text | Json
type t = { log : string option; output : output; colour : bool }

let parse () =
  let log = ref None and output = ref Text and colour = ref false in
  let options =
    [
      ("--log", Arg.String (fun file -> log := Some file), "FILE read this log in place of the built-in one");
      ("--json", Arg.Unit (fun () -> output := Json), " write the days as JSON");
      ("--colour", Arg.Set colour, " colour the warnings");
    ]
  in
  let refuse word =
    let hint = match Textkit.Distance.nearest ~among:(List.map (fun (name, _, _) -> name) options) word with
      | Some name -> "; did you mean " ^ name ^ "?"
      | None -> ""
    in
    raise (Arg.Bad ("unexpected " ^ word ^ hint))
  in
  Arg.parse (Arg.align options) refuse "report [options]: what the weather was, is and will be";
  { log = !log; output = !output; colour = !colour }

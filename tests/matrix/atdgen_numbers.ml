(* packages: atdgen-runtime *)
(* What atdgen's generated readers call. *)

let () =
  let state = Yojson.init_lexer () in
  let numbers = Atdgen_runtime.Oj_run.read_list Atdgen_runtime.Oj_run.read_int state (Lexing.from_string "[1,2,3]") in
  print_endline (String.concat "+" (List.map string_of_int numbers))

(* packages: menhirLib *)
(* Error reporting helpers of Menhir's run-time library. *)

let () =
  let text = "let x =\n  oops" in
  let lexbuf = MenhirLib.LexerUtil.init "input.txt" (Lexing.from_string text) in
  lexbuf.Lexing.lex_curr_p <- { lexbuf.Lexing.lex_curr_p with Lexing.pos_cnum = 4 };
  let place = (lexbuf.Lexing.lex_start_p, lexbuf.Lexing.lex_curr_p) in
  print_endline (MenhirLib.LexerUtil.range place);
  print_endline (MenhirLib.ErrorReports.sanitize (MenhirLib.ErrorReports.compress text))

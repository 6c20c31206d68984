(* packages: fmt fmt.tty fmt.cli *)
(* Coloured output where the terminal allows it. *)

let () =
  Fmt_tty.setup_std_outputs ();
  List.iter
    (fun (name, ok) ->
      let style = if ok then `Green else `Red in
      Fmt.pr "%a %s@." Fmt.(styled style string) (if ok then "ok  " else "fail") name)
    [ ("build", true); ("test", false) ]

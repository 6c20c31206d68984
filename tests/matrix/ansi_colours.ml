(* packages: ANSITerminal *)
(* Colours on a terminal. *)

let () = ANSITerminal.(printf [ red; Bold ] "%s\n" "danger")

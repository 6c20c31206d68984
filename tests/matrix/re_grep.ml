(* packages: re *)
(* Prints the lines of standard input that match a pattern. *)

let () =
  let pattern = if Array.length Sys.argv > 1 then Sys.argv.(1) else "a+b" in
  let matcher = Re.compile (Re.Perl.re pattern) in
  try
    while true do
      let line = input_line stdin in
      if Re.execp matcher line then print_endline (Re.replace matcher ~f:(fun g -> "[" ^ Re.Group.get g 0 ^ "]") line)
    done
  with End_of_file -> ()

(* packages: *)
(* Arrays that grow, channels as modules. *)

let () =
  let numbers = Dynarray.create () in
  let rec read () =
    match In_channel.input_line stdin with
    | Some line -> Option.iter (Dynarray.add_last numbers) (int_of_string_opt line); read ()
    | None -> ()
  in
  read ();
  let sorted = Dynarray.to_array numbers in
  Array.sort Int.compare sorted;
  if Array.length sorted > 0 then Out_channel.output_string stdout (string_of_int sorted.(Array.length sorted / 2))

(* packages: stdio *)
(* Copies numbered lines. *)

let () =
  let open Stdio in
  In_channel.fold_lines In_channel.stdin ~init:1 ~f:(fun n line ->
      Out_channel.printf "%4d  %s\n" n line;
      n + 1)
  |> ignore

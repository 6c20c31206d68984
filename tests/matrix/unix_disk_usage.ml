(* packages: unix *)
(* Adds up the sizes of the files below a directory. *)

let rec usage path =
  match Unix.lstat path with
  | { Unix.st_kind = Unix.S_DIR; _ } ->
      Array.fold_left (fun sum name -> sum + usage (Filename.concat path name)) 0 (Sys.readdir path)
  | { Unix.st_kind = Unix.S_REG; st_size; _ } -> st_size
  | _ -> 0
  | exception Unix.Unix_error (error, _, _) ->
      prerr_endline (path ^ ": " ^ Unix.error_message error);
      0

let () =
  let started = Unix.gettimeofday () in
  let paths = match Array.to_list Sys.argv with _ :: (_ :: _ as paths) -> paths | _ -> [ "." ] in
  List.iter (fun path -> Printf.printf "%d %s\n" (usage path) path) paths;
  Printf.eprintf "%.3f s\n" (Unix.gettimeofday () -. started)

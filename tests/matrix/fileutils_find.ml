(* packages: fileutils *)
(* Finds the OCaml files below a directory. *)

let () =
  let files = FileUtil.find (FileUtil.Has_extension "ml") "." (fun files file -> file :: files) [] in
  List.iter (fun file -> print_endline (FilePath.basename file)) files

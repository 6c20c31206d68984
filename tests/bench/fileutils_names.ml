(* packages: fileutils *)
(* vendored: fileutils *)
let () = print_endline (FilePath.concat "a" (FilePath.replace_extension "b.ml" "mli"))

(* packages: ocamlbuild *)
(* A unit that was compiled for a pack and lies beside it in the archive. *)
open Ocamlbuild_plugin

let () =
  let sources = List.map (Pathname.concat "src") [ "main.ml"; "util.ml" ] in
  List.iter (fun source -> print_endline (Pathname.update_extension "cmx" source)) sources

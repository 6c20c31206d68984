open Ocamlbuild_plugin

let () =
  dispatch (function
    | After_rules ->
      ocaml_lib "lib/kit";
      ocaml_lib "lib/more"
    | _ -> ())

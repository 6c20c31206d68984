(* packages: js_of_ocaml-compiler *)
(* Compiles a bytecode file to JavaScript. *)

open Js_of_ocaml_compiler

let () =
  let channel = open_in_bin Sys.argv.(1) in
  match Parse_bytecode.from_channel channel with
  | `Exe ->
      let one = Parse_bytecode.from_exe ~debug:false channel in
      Driver.f ~standalone:true (Pretty_print.to_out_channel stdout) one.debug one.code
  | `Cmo _ | `Cma _ -> prerr_endline "only executables"

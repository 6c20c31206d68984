(* packages: opam-file-format *)
(* Lists the fields of an opam file. *)

let () =
  let file = OpamParser.FullPos.string "opam-version: \"2.0\"\ndepends: [ \"dune\" ]\n" "opam" in
  List.iter
    (fun item ->
      match item.OpamParserTypes.FullPos.pelem with
      | OpamParserTypes.FullPos.Variable (name, _) -> print_endline name.OpamParserTypes.FullPos.pelem
      | OpamParserTypes.FullPos.Section _ -> print_endline "(section)")
    file.OpamParserTypes.FullPos.file_contents

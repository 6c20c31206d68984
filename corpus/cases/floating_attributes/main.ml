[@@@ocaml.warning "-32"]
[@@@ocaml.alert "-all"]
let () = print_int (Note.pitch [@ocaml.warning "-a"])

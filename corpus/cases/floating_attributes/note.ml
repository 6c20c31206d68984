[@@@ocaml.text " Note.ghost "]
let pitch = 440 [@@ocaml.doc " [Spirit.v] "]

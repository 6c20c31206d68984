(* packages: biniou *)
(* vendored: biniou *)
let () = print_string (Bi_io.view (Bi_io.string_of_tree (`Array (Some (Bi_io.svint_tag, [| `Svint 1; `Svint 2 |])))))

(* packages: magic-mime *)
(* Media types by file name. *)

let () = List.iter (fun name -> print_endline (Magic_mime.lookup name)) [ "a.html"; "b.tar.gz"; "c" ]

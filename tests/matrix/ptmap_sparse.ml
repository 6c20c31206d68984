(* packages: ptmap *)
(* Integer maps. *)

let () = Ptmap.iter (fun n name -> Printf.printf "%d %s\n" n name) (Ptmap.add 7 "seven" (Ptmap.singleton 3 "three"))

(* packages: *)
(* The random generator and tables hang on domain-local state. *)

let () =
  let table = Hashtbl.create ~random:true 16 in
  for n = 1 to 10 do
    Hashtbl.replace table n (Random.int 100)
  done;
  print_int (Hashtbl.fold (fun _ n sum -> n + sum) table 0)

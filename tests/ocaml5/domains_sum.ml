(* packages: *)
(* Domains share a counter. *)

let total = Atomic.make 0

let () =
  let worker low () =
    for n = low to low + 999 do
      ignore (Atomic.fetch_and_add total n)
    done
  in
  let domains = List.init 4 (fun n -> Domain.spawn (worker (n * 1000))) in
  List.iter Domain.join domains;
  print_int (Atomic.get total)

(* packages: uutf *)
(* Recodes standard input to UTF-16. *)

let () =
  let decoder = Uutf.decoder (`Channel stdin) and encoder = Uutf.encoder `UTF_16BE (`Channel stdout) in
  let rec loop () =
    match Uutf.decode decoder with
    | `Uchar _ as u -> ignore (Uutf.encode encoder u); loop ()
    | `End -> ignore (Uutf.encode encoder `End)
    | `Malformed _ -> ignore (Uutf.encode encoder (`Uchar Uutf.u_rep)); loop ()
    | `Await -> assert false
  in
  loop ()

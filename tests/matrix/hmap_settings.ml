(* packages: hmap *)
(* A map with keys of many types. *)

let () =
  let name : string Hmap.key = Hmap.Key.create () and size : int Hmap.key = Hmap.Key.create () in
  let settings = Hmap.empty |> Hmap.add name "box" |> Hmap.add size 3 in
  match Hmap.find name settings, Hmap.find size settings with
  | Some name, Some size -> Printf.printf "%s %d\n" name size
  | _ -> ()

(* packages: base stdio *)
(* Ranks players by points with Base. *)

open Base

type entry = { name : string; points : int }

let parse line =
  match String.split line ~on:',' with
  | [ name; points ] -> Option.try_with (fun () -> { name = String.strip name; points = Int.of_string (String.strip points) })
  | _ -> None

let () =
  let entries = List.filter_map ~f:parse [ "ada, 12"; "bob, 7"; "nonsense"; "cyd, 30" ] in
  let table = Hashtbl.create (module String) in
  List.iter entries ~f:(fun { name; points } -> Hashtbl.update table name ~f:(function None -> points | Some n -> n + points));
  Hashtbl.to_alist table
  |> List.sort ~compare:(fun (_, a) (_, b) -> Int.compare b a)
  |> List.iteri ~f:(fun rank (name, points) -> Stdio.printf "%d. %s %d\n" (rank + 1) name points)

(* packages: *)
(* Cases for values, exceptions and effects are reached by three ways: one that takes every value drops no effect. *)

open Effect
open Effect.Deep

type _ Effect.t += Ask : int -> int t

let behind_a_value () =
  match perform (Ask 1) with
  | v -> v
  | effect Ask n, k -> continue k (Hashtbl.hash n land 1)
  | exception _ -> 0
  | exception Exit -> Scanf.sscanf "1" "%d" Fun.id

let behind_an_exception () =
  try perform (Ask 2) with
  | _ -> 0
  | effect Ask n, k -> continue k (String.length (Buffer.contents (Buffer.create n)))

let behind_an_effect () =
  match perform (Ask 3) with
  | effect _, k -> discontinue k Exit
  | effect Ask n, k -> continue k (Weak.length (Weak.create n))
  | exception Exit -> List.length (Queue.fold (fun l n -> n :: l) [] (Queue.create ()))
  | v -> v
  [@@warning "-11"]

let () = print_int (behind_a_value () + behind_an_exception () + behind_an_effect ())

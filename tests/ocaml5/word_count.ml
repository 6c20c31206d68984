(* packages: *)
(* A functor, a buffer and formatted output. *)

module Words = Map.Make (String)

let () =
  let words = String.split_on_char ' ' (In_channel.input_all stdin) in
  let add all word = Words.update word (fun n -> Some (1 + Option.value n ~default:0)) all in
  let counts = List.fold_left add Words.empty words in
  Words.iter (fun word n -> Printf.printf "%6d %s\n" n word) counts

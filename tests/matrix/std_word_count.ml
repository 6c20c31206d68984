(* packages: *)
(* Counts the words of standard input: the standard library alone. *)

let count_words channel =
  let counts = Hashtbl.create 64 in
  (try
     while true do
       let line = input_line channel in
       String.split_on_char ' ' line
       |> List.iter (fun word ->
              if word <> "" then
                let seen = Option.value (Hashtbl.find_opt counts word) ~default:0 in
                Hashtbl.replace counts word (seen + 1))
     done
   with End_of_file -> ());
  counts

let () =
  let counts = count_words stdin in
  Hashtbl.fold (fun word n all -> (n, word) :: all) counts []
  |> List.sort (fun a b -> compare b a)
  |> List.iter (fun (n, word) -> Printf.printf "%6d %s\n" n word)

(* packages: str *)
(* Reads "key = value" lines with regular expressions. *)

let line = Str.regexp "^[ \t]*\\([a-z_]+\\)[ \t]*=[ \t]*\\(.*[^ \t]\\)[ \t]*$"

let parse text =
  Str.split (Str.regexp "\n") text
  |> List.filter_map (fun text ->
         if Str.string_match line text 0 then Some (Str.matched_group 1 text, Str.matched_group 2 text) else None)

let () =
  parse "name = unlith\n# comment\n depth = 3\n"
  |> List.iter (fun (key, value) -> print_endline (key ^ ": " ^ Str.global_replace (Str.regexp_string "i") "I" value))

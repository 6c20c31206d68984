(* packages: pprint *)
(* Documents laid out to a width. *)

open PPrint

let call name arguments = string name ^^ parens (group (nest 2 (break 0 ^^ separate (comma ^^ break 1) arguments)))
let () = ToChannel.pretty 0.8 40 stdout (call "draw" (List.init 12 (fun n -> string (string_of_int n))) ^^ hardline)

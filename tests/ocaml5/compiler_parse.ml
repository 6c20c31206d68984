(* packages: compiler-libs.common *)
(* The compiler's own parser. *)

let () =
  let lexbuf = Lexing.from_channel stdin in
  let items = Parse.implementation lexbuf in
  Printf.printf "%d items\n" (List.length items)

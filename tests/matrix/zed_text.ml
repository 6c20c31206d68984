(* packages: zed *)
(* A rope of Unicode text. *)

let () =
  let rope = Zed_rope.append (Zed_rope.of_string (Zed_string.of_utf8 "hello ")) (Zed_rope.of_string (Zed_string.of_utf8 "w\xC3\xB6rld")) in
  Printf.printf "%d\n" (Zed_rope.length rope)

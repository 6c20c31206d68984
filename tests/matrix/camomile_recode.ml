(* packages: camomile *)
(* Characters of a UTF-8 text, by Camomile. *)

open CamomileLibraryDefault.Camomile

let () =
  let text = "na\xC3\xAFve" in
  UTF8.validate text;
  Printf.printf "%d characters\n" (UTF8.length text);
  UTF8.iter (fun u -> Printf.printf "U+%04X " (UChar.uint_code u)) text

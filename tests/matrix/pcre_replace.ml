(* packages: pcre *)
(* Replaces by a Perl pattern. *)

let () = print_endline (Pcre.replace ~pat:"(\\w+)@(\\w+)" ~templ:"$2 at $1" "user@host")

(* packages: tyxml *)
(* A typed web page. *)

open Tyxml.Html

let page =
  html
    (head (title (txt "Scores")) [ meta ~a:[ a_charset "utf-8" ] () ])
    (body [ h1 [ txt "Scores" ]; ul (List.map (fun n -> li [ txt (string_of_int n) ]) [ 3; 2; 1 ]) ])

let () = Format.printf "%a@." (pp ~indent:true ()) page

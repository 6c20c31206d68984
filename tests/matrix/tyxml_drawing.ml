(* packages: tyxml *)
(* A typed drawing. *)

open Tyxml.Svg

let () =
  let circle = circle ~a:[ a_r (5., None); a_cx (10., None); a_cy (10., None) ] [] in
  Format.printf "%a@." (pp ()) (svg ~a:[ a_width (20., None) ] [ circle ])

(* packages: tyxml *)
(* vendored: tyxml, tyxml.functor *)
let () =
  let open Tyxml.Html in
  Format.printf "%a@." (pp_elt ()) (p [ txt "hello"; br (); em [ txt "world" ] ])

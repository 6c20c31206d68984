(* packages: eqaf *)
(* vendored: eqaf *)
let () = Printf.printf "%b %d\n" (Eqaf.equal "abc" "abc") (Eqaf.compare_be "a" "b")

(* packages: cstruct *)
(* vendored: cstruct *)
let () = Cstruct.hexdump (Cstruct.of_string "hello")

(* packages: base64 *)
(* vendored: base64 *)
let () = print_endline (Base64.encode_exn "hello"); print_endline (Base64.decode_exn "aGVsbG8=")

(* packages: base64.rfc2045 *)
(* vendored: base64.rfc2045 *)
let () =
  let buffer = Buffer.create 16 in
  let encoder = Base64_rfc2045.encoder (`Buffer buffer) in
  String.iter (fun c -> ignore (Base64_rfc2045.encode encoder (`Char c))) "hello";
  ignore (Base64_rfc2045.encode encoder `End);
  print_string (Buffer.contents buffer)

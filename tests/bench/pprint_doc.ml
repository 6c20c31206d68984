(* packages: pprint *)
(* vendored: pprint *)
let () =
  let open PPrint in
  let doc = group (string "let x =" ^^ nest 2 (break 1 ^^ string "some expression")) in
  let buffer = Buffer.create 64 in
  ToBuffer.pretty 0.8 16 buffer doc;
  print_endline (Buffer.contents buffer)

let both n =
  let open Flat in
  { text = string_of_int (twice n) }

let value n =
  let open Flat in
  twice n

let kind label =
  let open Flat in
  String.length label.text

let () = print_int (value 3 + kind (both 40))

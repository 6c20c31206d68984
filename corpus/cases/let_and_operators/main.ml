let sum =
  let open Option_ops in
  let* a = Some 1
  and* b = Some 2 in
  let+ c = Some 3 in
  a + b + c
let () = print_int (Option.get sum)

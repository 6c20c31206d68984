let () =
  let exception Stop of int in
  try raise (Stop 3) with Stop n -> print_int n

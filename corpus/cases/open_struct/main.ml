open struct
  let start = Tally.add 1
end
let () = print_int start

let halves = Net.V4.halves (Net.V4.make 13)
let () = print_int (Net.V4.get halves.right)

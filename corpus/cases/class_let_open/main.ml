class chair = let open Paint in object method colour = red end
let () = print_int (new chair)#colour

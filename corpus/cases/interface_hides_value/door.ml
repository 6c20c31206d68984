let secret () = Tally.add 1
let open_ () = 4

module Part = struct let answer () = 42 end
let other = 1

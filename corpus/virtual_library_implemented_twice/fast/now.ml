let seen = ref []
let hours () = seen := 1 :: !seen; Ticks.all ()
let minutes () = List.length !seen
module Zone = Place

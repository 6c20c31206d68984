let ticks = ref 0
let get () = incr ticks; !ticks

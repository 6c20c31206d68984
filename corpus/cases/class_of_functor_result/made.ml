include Counter.Make (Start)

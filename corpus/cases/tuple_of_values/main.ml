let a, b = Wind.speed, Tide.height
let rec even n = n = 0 || odd (n - 1) and odd n = n <> 0 && even (n - 1)
let () = if even a then print_int b

module type S = module type of struct include B end
let name = "c"

module type S = module type of struct include Hall.Box end

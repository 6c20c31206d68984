module type S = module type of Hall.Box

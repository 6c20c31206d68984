module type S = module type of struct module Case = Hall.Box end

module type S = module type of struct module Case : sig end = Hall.Box end

module type Held = sig module Case : sig end end
module type S = sig module Room : Held with module Case := Hall.Box end

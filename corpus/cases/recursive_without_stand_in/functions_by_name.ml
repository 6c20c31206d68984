module rec M : sig val f : Part.f val l : int Lazy.t val p : 'a -> 'a end = struct let f x = x let l = lazy 3 let p x = x end

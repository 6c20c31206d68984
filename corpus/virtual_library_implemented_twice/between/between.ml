module Now = struct include Clock.Now let days () = hours () / 24 end
let zone () = Now.Zone.name ()

let best = (module Big : Plug.S)

let () = exit (if Raw.ok 2 then Raw.four else List.length Raw.all)

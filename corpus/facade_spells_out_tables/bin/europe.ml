let () =
  Atlas.Countries.on Atlas.Countries.Europe
  |> List.iter (fun country -> print_endline (Atlas.Countries.name country))

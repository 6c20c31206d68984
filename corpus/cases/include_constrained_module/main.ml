open Album.Tune
let () = print_int (Album.verse + key)

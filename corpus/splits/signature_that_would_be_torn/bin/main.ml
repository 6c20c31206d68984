let () = ignore (Sys.opaque_identity Flat.first)
